"""Languages on pages: which one, the sentences and dates in it, and fine typography."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from babel import dates
from babel.numbers import format_decimal
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, format_date, format_datetime, get_locale
from markupsafe import Markup, escape

from research_repo.core.clock import now
from research_repo.core.language import Message, catalogue_of
from research_repo.core.source_texts import clock
from research_repo.core.terms import LANGUAGE_NAMES, WORDS
from research_repo.settings import LANGUAGES, Settings
from research_repo.web.door import visitor

LANGUAGE_COOKIE = "language"
LANGUAGES_NAMED = tuple(LANGUAGE_NAMES.items())

NBSP = "\u00a0"
_SHORT_WORD = re.compile(r"(?<![\w%])([а-яёА-ЯЁ]{1,2}) (?=\S)")
_FINE = (
    (re.compile(r" —"), NBSP + "—"),
    (re.compile(r"(\d) (?=\d{3}\b|%|[а-яё])"), r"\1" + NBSP),
    (re.compile(r"(%\((?:num|count)\)s) (?=\w)"), r"\1" + NBSP),
    # A word joiner after the hyphen: the preposition never breaks in two.
    (re.compile(r"\b([Ии]з)-(за|под)\b"), "\\1-\u2060\\2"),
)


def open_words(app: Flask, settings: Settings) -> None:
    """Teach the app its languages: the choice, the sentences in templates, dates and numbers."""
    app.config["BABEL_DEFAULT_LOCALE"] = settings.language
    Babel(
        app,
        locale_selector=lambda: choose_language(settings.language),
        timezone_selector=lambda: settings.time_zone,
    )
    app.jinja_env.globals.update(
        _=sentence,
        gettext=sentence,
        ngettext=sentence_of_many,
        word=word,
        languages=LANGUAGES_NAMED,
    )
    app.jinja_env.filters.update(
        put=put, day=day, moment=moment, when=when, number=number, initials=initials, clock=clock
    )
    app.jinja_env.filters.update(month=month, month_short=month_short, marked=marked)


def choose_language(default: str) -> str:
    """The person's language, else the one chosen in this browser, else what the browser asks for."""
    if not has_request_context():
        return default
    person = visitor()
    chosen = person.language if person else ""
    chosen = chosen or request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES) or default


def language() -> str:
    """The language of this page."""
    # A page asks six hundred times; the library looks for its request four times at each.
    try:
        kept = g.get("language_of_page")
    except RuntimeError:
        return "en"
    if kept is None:
        locale = get_locale()
        kept = g.language_of_page = locale.language if locale else "en"
    return str(kept)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """`with speaking("ru"):` for a part of a page that is of one language, whoever reads it."""
    before = language()
    g.language_of_page = code
    try:
        yield
    finally:
        g.language_of_page = before


def fine(text: str, code: str = "") -> str:
    """The text with the spaces that must not break, by the rules of its language."""
    if (code or language()) != "ru":
        return text
    text = _SHORT_WORD.sub(r"\1" + NBSP, _SHORT_WORD.sub(r"\1" + NBSP, text))
    for pattern, replacement in _FINE:
        text = pattern.sub(replacement, text)
    return text


# Jinja's own way to these two takes the whole context along and costs five times as much; a page
# says some hundred and twenty sentences, nearly the same ones each time.
def sentence(text: str, /, **values: Any) -> Markup:
    """A template's sentence in the language of the page; its values are escaped."""
    code = language()
    return _with_places(text, code) % values if values else _plain(text, code)


def sentence_of_many(one: str, many: str, num: int, /, **values: Any) -> Markup:
    """The same, in the form that the number asks for, which fills `%(num)s`."""
    code = language()
    if values:
        return _counted_with_places(one, many, num, code) % {"num": num, **values}
    return _counted(one, many, num, code)


@lru_cache(4096)
def _plain(text: str, code: str) -> Markup:
    return _with_places(text, code) % {}


@lru_cache(4096)
def _counted(one: str, many: str, num: int, code: str) -> Markup:
    return _counted_with_places(one, many, num, code) % {"num": num}


def _with_places(text: str, code: str) -> Markup:
    return _fine_markup(catalogue_of(code).ugettext(text), code)


def _counted_with_places(one: str, many: str, num: int, code: str) -> Markup:
    return _fine_markup(catalogue_of(code).ungettext(one, many, num), code)


@lru_cache(4096)
def _fine_markup(text: str, code: str) -> Markup:
    # Sentences of templates and catalogues are markup of ours.
    return Markup(fine(text, code))  # noqa: S704


def put(message: Message | dict[str, Any]) -> str:
    """A message in the language of the page, also one that was kept as JSON."""
    if isinstance(message, dict):
        message = Message.from_json(message)
    return fine(message.put(language()))


def word(table: str, value: str) -> str:
    """What people call a value that a table holds: word("kind", "fact")."""
    return _word(table, value, language())


@lru_cache(1000)
def _word(table: str, value: str, code: str) -> str:
    message = WORDS[table].get(value)
    return fine(message.put(code), code) if message else value


def choices(table: str) -> list[tuple[str, str]]:
    """Values with their words, for a list to choose from."""
    return [(value, put(message)) for value, message in WORDS[table].items()]


def day(value: date) -> str:
    if isinstance(value, datetime):
        return fine(str(format_date(value, "d MMMM y")))
    return _day(value, language())


@lru_cache(10_000)
def _day(value: date, code: str) -> str:
    return fine(dates.format_date(value, "d MMMM y", locale=code), code)


def month(value: date) -> str:
    return fine(str(format_date(value, "LLLL y")))


def month_short(value: date) -> str:
    """Three letters or so; the year where it begins."""
    return str(format_date(value, "y" if value.month == 1 else "LLL")).strip(".")


def moment(value: datetime) -> str:
    return fine(str(format_datetime(value, "d MMMM y, HH:mm")))


def when(value: datetime) -> str:
    """The hour today, the day this year, else the whole date."""
    if format_date(value, "y-MM-dd") == format_date(now(), "y-MM-dd"):
        return str(format_datetime(value, "HH:mm"))
    if format_date(value, "y") == format_date(now(), "y"):
        return fine(str(format_date(value, "d MMMM")))
    return day(value)


def number(value: float) -> str:
    return _number(value, language())


@lru_cache(10_000)
def _number(value: float, code: str) -> str:
    return format_decimal(value, locale=code)


def marked(parts: Iterable[tuple[str, bool]]) -> Markup:
    """A text with some parts marked, each with whether it is, for a page."""
    pieces = (f"<mark>{escape(text)}</mark>" if is_hit else escape(text) for text, is_hit in parts)
    # Every piece is escaped already.
    return Markup("".join(pieces))  # noqa: S704


def initials(name: str) -> str:
    """Up to two letters that stand for a name."""
    return "".join(part[0] for part in name.split()[:2]).upper()
