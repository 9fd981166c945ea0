"""Words: how labels compare and how text becomes stems, in Russian and English alike.

Search and duplicate prevention share it. A token's script, not a setting, decides its language.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

import Stemmer

READ_LATELY = 32_000  # words; three times as many would take 20 MB more and save 25 µs a note
TOKEN_MAX = 64  # what is longer is no word: a key, a line of dashes, an attack

# Stress marks and soft hyphens stand inside a word and are no part of it.
_INVISIBLE = dict.fromkeys(map(ord, "\u0301\u00ad"))
_TOKEN = re.compile(r"\w(?:[\w\u0301\u00ad]|['’](?=\w)|(?<=\d)[.,](?=\d))*")
_VARIANTS = str.maketrans("ё’,", "е'.")
_CYRILLIC = re.compile("[а-яёА-ЯЁ]")
_LATIN = re.compile("[a-zA-Z]")
_SPACES = re.compile(r"\s+")

# Only capitals look alike, but people type both cases: 1С, B2B, 4к, 2х.
_CYRILLIC_TWINS = "авекмнорстух"
_LATIN_TWINS = str.maketrans(_CYRILLIC_TWINS, "abekmhopctyx")
_MIXED_WITH_TWINS = re.compile(rf"(?=.*\d)(?=.*[{_CYRILLIC_TWINS}])[\da-z{_CYRILLIC_TWINS}.]+")

_RUSSIAN_STOP_WORDS = """
я ты он она мы вы они меня мне мной тебя тебе его ему ее ей нас нам вас вам их им нее них
в во на с со к ко у о об от до по из за для при под над без про
и а но да или не ни же ли бы то так как что чтобы если уже еще вот ну даже только все когда вдруг
был была было были быть есть нет
какой какая какое какие почему
это эта этот эти
"""
_ENGLISH_STOP_WORDS = """
a an the i we you he she it they me us him her them my our your his its their
in on at by to of for from with as into about
and or but if that this these those than then so
is are was were be been have has had do does did not no
what how why
"""
STOP_WORDS = frozenset((_RUSSIAN_STOP_WORDS + _ENGLISH_STOP_WORDS).split())

# What Snowball sets apart though it is one word: a form whose stem is right → the forms that take it.
_SAME_WORD = {
    "человек": "люди людей людям людьми людях",
    "дети": "ребенок ребенка ребенку ребенком ребенке",
    "идти": "шел шла шли шло идет идут иду идем",
    "дня": "день дней дни",
    "времени": "время",
    "рынка": "рынок",
    "списка": "список",
    "письмо": "писем",
    "окно": "окон",
    "отзывы": "отзыв",
    "ошибка": "ошибок",
    "кнопка": "кнопок",
    "скидка": "скидок",
    "карточка": "карточек",
    "оценка": "оценок",
    "ссылка": "ссылок",
    "покупка": "покупок",
    "посылка": "посылок",
    "заявка": "заявок",
    "настройка": "настроек",
    "попытка": "попыток",
    "подсказка": "подсказок",
    "вкладка": "вкладок",
    "закладка": "закладок",
    "доставка": "доставок",
    "задержка": "задержек",
    "проверка": "проверок",
    "подписка": "подписок",
    "загрузка": "загрузок",
    "рассылка": "рассылок",
    "заметка": "заметок",
    "метка": "меток",
    "сотня": "сто",  # its own stem is that of стоить
}
_TAKES_STEM_OF = {form: word for word, forms in _SAME_WORD.items() for form in forms.split()}
_KEPT_WHOLE = frozenset(["почти"])  # Snowball gives it the stem of почта

_EN_KEYS = "`qwertyuiop[]asdfghjkl;'zxcvbnm,.~QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>"
_RU_KEYS = "ёйцукенгшщзхъфывапролджэячсмитьбюЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ"
_TO_RU_KEYS = str.maketrans(_EN_KEYS, _RU_KEYS)
_TO_EN_KEYS = str.maketrans(_RU_KEYS, _EN_KEYS)

# Longest first: "shch" is one letter, not "sh" and "ch".
_SOUNDS = (
    ("shch", "щ"), ("sch", "щ"), ("yo", "ё"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("ch", "ч"),
    ("sh", "ш"), ("yu", "ю"), ("ya", "я"), ("ju", "ю"), ("ja", "я"), ("ey", "ей"), ("iy", "ий"),
    ("a", "а"), ("b", "б"), ("c", "к"), ("d", "д"), ("e", "е"), ("f", "ф"), ("g", "г"), ("h", "х"),
    ("i", "и"), ("j", "й"), ("k", "к"), ("l", "л"), ("m", "м"), ("n", "н"), ("o", "о"), ("p", "п"),
    ("q", "к"), ("r", "р"), ("s", "с"), ("t", "т"), ("u", "у"), ("v", "в"), ("w", "в"), ("x", "кс"),
    ("y", "ы"), ("z", "з"), ("'", "ь"),
)  # fmt: skip
_CYRILLIC_OF = dict(_SOUNDS)
_LATIN_SOUND = re.compile("|".join(re.escape(sound) for sound, _ in _SOUNDS))
_LATIN_OF = str.maketrans(
    {letter: sound for sound, letter in reversed(_SOUNDS) if len(letter) == 1 and letter != "'"}
    | {"е": "e", "ё": "e", "х": "kh", "ц": "ts", "щ": "shch", "ъ": "", "ь": "", "э": "e", "к": "k"}
    | {"в": "v", "й": "y", "ю": "yu", "я": "ya"}
)

_of_thread = threading.local()


def fold(text: str) -> str:
    """The form in which two labels are equal: case, ё, spaces and letter composition do not count."""
    plain = unicodedata.normalize("NFC", text).casefold().replace("ё", "е")
    return _SPACES.sub(" ", plain).strip()


def language_of(text: str) -> str:
    """`ru` or `en`, by script; a Russian sentence with English product names stays Russian."""
    cyrillic = len(_CYRILLIC.findall(text))
    return "ru" if cyrillic and 2 * cyrillic >= len(_LATIN.findall(text)) else "en"


def written(text: str) -> Iterator[re.Match[str]]:
    """Each word as it stands in `text`, which must be in NFC as for `spans`."""
    return _TOKEN.finditer(text)


def token(word: str) -> str:
    """The token of one word as it is written; empty where nothing of it is left."""
    return _token(word) if len(word) > TOKEN_MAX else _known_token(word)


def spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Each token with its place in `text`, which must be in NFC for composed letters to match."""
    for found in written(text):
        if known := token(found.group()):
            yield found.start(), found.end(), known


def tokens(text: str) -> list[str]:
    """The words of a text, lower-cased, ё as е; hyphens and dashes divide, 1С (Cyrillic) is 1c."""
    found = _TOKEN.findall(unicodedata.normalize("NFC", text))
    return [token for token in map(_token_of(found), found) if token]


@lru_cache(READ_LATELY)
def stem(token: str) -> str:
    """What all forms of a word share, by the script of the token."""
    if token in _KEPT_WHOLE:
        return token
    russian, english = _stemmers()
    stemmer = russian if _CYRILLIC.search(token) else english
    return stemmer.stemWord(_TAKES_STEM_OF.get(token, token))


def stems(text: str) -> list[str]:
    """Stems in their order without stop words; a text of stop words alone keeps them."""
    all_tokens = tokens(text)
    return [stem(token) for token in all_tokens if token not in STOP_WORDS] or [
        stem(token) for token in all_tokens
    ]


def other_layout(text: str) -> str:
    """The same keys on the other keyboard: ghbdtn is привет, руддщ is hello."""
    return text.translate(_TO_EN_KEYS if _CYRILLIC.search(text) else _TO_RU_KEYS)


def transliterate(text: str) -> str:
    """The same sounds in the other script, lower-cased: onbording is онбординг, and back."""
    lowered = text.lower()
    if _CYRILLIC.search(lowered):
        return lowered.translate(_LATIN_OF)
    return _LATIN_SOUND.sub(lambda sound: _CYRILLIC_OF[sound.group()], lowered)


def _token(word: str) -> str:
    token = word.translate(_INVISIBLE).lower().translate(_VARIANTS)
    if _MIXED_WITH_TWINS.fullmatch(token):
        token = token.translate(_LATIN_TWINS)
    token = token[:TOKEN_MAX]
    # What is remembered shall not be held twice.
    return word if token == word else token


_known_token = lru_cache(READ_LATELY)(_token)


def _token_of(found: list[str]) -> Callable[[str], str]:
    # What is too long to be a word is not remembered: a hundred thousand of them would fill memory.
    return _token if max(map(len, found), default=0) > TOKEN_MAX else _known_token


def _stemmers() -> tuple[Stemmer.Stemmer, Stemmer.Stemmer]:
    # A stemmer object shared by two threads gives damaged stems.
    if not hasattr(_of_thread, "stemmers"):
        # What they remember themselves they would remember for each thread; `stem` does for all.
        _of_thread.stemmers = (Stemmer.Stemmer("russian", 0), Stemmer.Stemmer("english", 0))
    return _of_thread.stemmers
