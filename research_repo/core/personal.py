"""What tells who somebody is: phones, e-mails, bank cards, passport and SNILS numbers in a text.

Found is what cannot well be anything else. Numbers of orders, prices, dates and times are left
alone, so that people go on reading the warnings.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from research_repo.core.language import Message, say, say_many

KINDS = ("phone", "email", "card", "passport", "snils")
MASK = "•"

_NAMES = {
    "phone": say_many("%(count)s phone number", "%(count)s phone numbers", 0),
    "email": say_many("%(count)s e-mail address", "%(count)s e-mail addresses", 0),
    "card": say_many("%(count)s bank card", "%(count)s bank cards", 0),
    "passport": say_many("%(count)s passport number", "%(count)s passport numbers", 0),
    "snils": say_many("%(count)s SNILS number", "%(count)s SNILS numbers", 0),
}

# Less than this holds nothing that is looked for.
_WORTH_A_LOOK = re.compile(r"@|(?:\d\D{0,9}){9}")
_GAP = r"[ \u00a0\-\u2010-\u2013]?"
_ALONE = r"(?<![\w+.,/])"
_END = r"(?![\w]|[.,/]\d)"

_ABROAD = re.compile(rf"(?<![\w+])\+\d(?:[ \u00a0().\-\u2010-\u2013]{{0,2}}\d){{7,14}}{_END}")
_RUSSIAN = re.compile(
    rf"{_ALONE}[78]{_GAP}(?:\(\d{{3,5}}\)|\d{{3,5}})(?:{_GAP}\d){{5,7}}{_END}"
    rf"|{_ALONE}\(\d{{3,5}}\){_GAP}\d{{2,3}}{_GAP}\d\d{_GAP}\d\d{_END}"
    rf"|{_ALONE}\d{{3}}[ \u00a0-]\d{{3}}-\d\d-\d\d{_END}"
)
_AMERICAN = re.compile(rf"{_ALONE}(?:1[ -])?(?:\(\d{{3}}\) ?|\d{{3}}[.-])\d{{3}}[.-]\d{{4}}{_END}")
_GROUPS = rf"(?<![\w+.,/-])\d{{4}}({_GAP})\d{{4}}\1\d{{4}}\1"
_CARD = re.compile(rf"{_GROUPS}\d{{3,4}}{_END}|(?<![\w+.,/-])\d{{4}} \d{{6}} \d{{5}}{_END}")
_LONG_CARD = re.compile(rf"{_GROUPS}\d{{4}}\1\d{{2,3}}{_END}")
_SNILS = re.compile(rf"{_ALONE}\d{{3}}([ -]?)\d{{3}}\1\d{{3}}[ -]?\d\d{_END}")
_PASSPORT = re.compile(
    r"(?<![\w+.,/-])\d\d ?\d\d,?(?P<between>[ \u00a0]*(?:№|N|номер|number)?[ \u00a0]*)\d{6}(?![\w])",
    re.IGNORECASE,
)
_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w@])")
_LOCAL = re.compile(r"[\w.%+'-]{1,64}\Z")
_FILE_ENDS = ("png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js")

# Words right before a number that say what it names.
_GOODS = (
    r"(?:заказ|накладн|трек|артикул|договор|сч[её]т)\w*|инн|огрн\w*"
    r"|order|invoice|ticket|tracking|article|sku|isbn|id"
)
_SIGNS = r"№|#|no\.?|number|номер\w*"
_ORDERS = re.compile(rf"(?:{_GOODS}|{_SIGNS})[\s:№#]*\Z", re.IGNORECASE)
_NO_PASSPORT = re.compile(rf"(?:{_GOODS})(?:\s|:|{_SIGNS})*\Z", re.IGNORECASE)
_ABOUT_PASSPORT = re.compile(r"паспорт|passport|сери[яию]|series", re.IGNORECASE)
_ABOUT_SNILS = re.compile(r"снилс|snils|страхово\w* (?:номер|свидетельств)", re.IGNORECASE)
_BEFORE = 48


@dataclass(frozen=True)
class Personal:
    """One thing that was found: what it is, and the text from `start` to before `end`."""

    kind: str
    start: int
    end: int


def found(text: str, language: str = "ru") -> list[Personal]:
    """What in the text tells who somebody is, in its order, none over another.

    English text is also looked through for phones as North America writes them.
    """
    if not _WORTH_A_LOOK.search(text):
        return []
    all_found: list[Personal] = []
    # Two that overlap leave a part of one behind, which may tell as much as the whole.
    while more := _found_once(masked(text, all_found), language):
        all_found += more
    return sorted(all_found, key=lambda one: one.start)


def _found_once(text: str, language: str) -> list[Personal]:
    phones = (_ABROAD, _RUSSIAN, _AMERICAN) if language == "en" else (_ABROAD, _RUSSIAN)
    # Where two kinds fit, the one that is looked for first has the surer proof.
    searches = [
        _each("snils", _SNILS, text, _is_snils),
        _each("passport", _PASSPORT, text, _is_passport),
        _each("card", _LONG_CARD, text, _is_card),
        _each("card", _CARD, text, _is_card),
        *(_each("phone", shape, text, _is_phone) for shape in phones),
        _emails(text),
    ]
    ranked = [(one.start, rank, one) for rank, search in enumerate(searches) for one in search]
    kept: list[Personal] = []
    for start, _, one in sorted(ranked, key=lambda found: found[:2]):
        if not kept or start >= kept[-1].end:
            kept.append(one)
    return kept


def masked(text: str, found: Iterable[Personal]) -> str:
    """The text with dots for the letters and digits of what was found.

    It is as long as before, so that whatever points into it points at the same place.
    """
    signs = list(text)
    for one in found:
        for place in range(one.start, one.end):
            if signs[place].isalnum():
                signs[place] = MASK
    return "".join(signs)


def counted(found: Iterable[Personal]) -> dict[str, int]:
    """How many there are of each kind, in the order of `KINDS`."""
    counts = Counter(one.kind for one in found)
    return {kind: counts[kind] for kind in KINDS if counts[kind]}


def told(found: Iterable[Personal]) -> Message:
    """What was found, in words: 2 phone numbers, 1 bank card."""
    parts = [_NAMES[kind].counted(count) for kind, count in counted(found).items()]
    return functools.reduce(
        lambda first, second: say("%(first)s, %(second)s", first=first, second=second), parts
    )


def _each(
    kind: str, shape: re.Pattern[str], text: str, is_one: Callable[[re.Match[str], str], bool]
) -> Iterator[Personal]:
    place = 0
    while match := shape.search(text, place):
        before = text[max(0, match.start() - _BEFORE) : match.start()]
        is_found = is_one(match, before)
        if is_found:
            yield Personal(kind, match.start(), match.end())
        # What begins one digit later may be the right one: a date can stand before a phone.
        place = match.end() if is_found else _next_group(text, match)


def _next_group(text: str, match: re.Match[str]) -> int:
    place = match.start()
    while place < match.end() and (text[place].isdigit() or text[place] == "+"):
        place += 1
    return max(place, match.start() + 1)


def _is_phone(match: re.Match[str], before: str) -> bool:
    written = match.group()
    digits = _digits(written)
    if written.startswith("+"):
        return _is_valid(written)
    if _ORDERS.search(before):
        return False
    is_whole = len(digits) == 11 and digits[0] in "78"
    if is_whole or len(digits) == 10:
        own = "+7" + digits[-10:]
        # Eleven digits in a row are a phone when they are a mobile one; others are too often not.
        is_grouped = written != digits
        if _is_valid(own, only_mobile=not is_grouped):
            return True
    return bool(_AMERICAN.fullmatch(written)) and _is_valid("+1" + digits[-10:])


def _is_valid(number: str, only_mobile: bool = False) -> bool:
    try:
        parsed = phonenumbers.parse(number, None)
    except NumberParseException:
        return False
    if not phonenumbers.is_valid_number(parsed):
        return False
    kind = phonenumbers.number_type(parsed)
    # A number that is free to call is a company's.
    is_own = kind != PhoneNumberType.TOLL_FREE
    return is_own and (not only_mobile or kind == PhoneNumberType.MOBILE)


def _is_card(match: re.Match[str], before: str) -> bool:
    digits = _digits(match.group())
    if _ORDERS.search(before) or not _is_of_a_network(digits):
        return False
    doubled = (int(sign) * (2 if place % 2 else 1) for place, sign in enumerate(digits[::-1]))
    return sum(part - 9 if part > 9 else part for part in doubled) % 10 == 0


def _is_of_a_network(digits: str) -> bool:
    four, length = int(digits[:4]), len(digits)
    if digits.startswith(("34", "37")):
        return length == 15
    if digits[0] == "4" or 5100 <= four <= 5599 or 2200 <= four <= 2720:
        return length == 16
    return digits.startswith(("50", "56", "57", "58", "6")) and length in (16, 18, 19)


def _is_snils(match: re.Match[str], before: str) -> bool:
    written = match.group()
    digits = _digits(written)
    is_grouped = bool(match.group(1)) and written != digits
    if not is_grouped and not _ABOUT_SNILS.search(before):
        return False
    total = sum(int(sign) * (9 - place) for place, sign in enumerate(digits[:9]))
    return int(digits[:9]) > 1_001_998 and total % 101 % 100 == int(digits[9:])


def _is_passport(match: re.Match[str], before: str) -> bool:
    if _NO_PASSPORT.search(before):
        return False
    is_named = bool(match.group("between").strip())
    return is_named or bool(_ABOUT_PASSPORT.search(before))


def _emails(text: str) -> Iterator[Personal]:
    place = text.find("@")
    while place >= 0:
        local = _LOCAL.search(text[max(0, place - 64) : place])
        domain = _DOMAIN.match(text, place + 1)
        if local and domain and domain.group().rpartition(".")[2].lower() not in _FILE_ENDS:
            start = place - len(local.group().lstrip(".'-%+"))
            if start < place:
                yield Personal("email", start, domain.end())
        place = text.find("@", place + 1)


def _digits(written: str) -> str:
    return "".join(sign for sign in written if sign in "0123456789")
