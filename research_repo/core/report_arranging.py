"""The sections of a report: their order, which are shown, and what the author writes into them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import delete
from sqlmodel import Session, col

from research_repo.core import history, prose, report_layouts, report_scopes, typed
from research_repo.core.clock import now
from research_repo.core.errors import Conflict, Invalid, NotFound
from research_repo.core.language import Message, say
from research_repo.core.models import Person, Report, ReportAtom
from research_repo.core.report_layouts import Part, Parts
from research_repo.core.report_places import of_question
from research_repo.core.studies import QUESTION_MAX, QUESTIONS_MAX

TITLE_MAX = 300
TEXT_MAX = 100_000
OWN_MAX = 50

CHANGED = say("Somebody changed this section while you were writing. Both texts are kept below.")


@dataclass(frozen=True)
class PartWords:
    """A section's heading and paragraphs as they were typed. `html` is filled by `ready`."""

    title: str = ""
    text: str = ""
    html: str = ""


@dataclass(frozen=True)
class PartChoice:
    """Whether and how a section is shown."""

    id: str
    is_shown: bool = True
    is_brief: bool = False


def ready(words: PartWords) -> PartWords:
    """Check the words and render their Markdown: the slow part, done before a transaction opens.

    Raises:
        Invalid: too long, or a placeholder that names nothing.
    """
    title, text = typed.line(words.title), typed.lines(words.text)
    problems: dict[str, Message] = {}
    if len(title) > TITLE_MAX:
        problems["title"] = say("Use at most %(count)s characters.", count=TITLE_MAX)
    if len(text) > TEXT_MAX:
        problems["text"] = say("Use at most %(count)s characters.", count=TEXT_MAX)
    elif problem := report_layouts.problem_of(text):
        problems["text"] = problem
    if problems:
        raise Invalid(problems)
    return PartWords(title, text, prose.render(text, under=2))


def arrange(session: Session, by: Person, key: str, choices: Sequence[PartChoice]) -> Report:
    """Put the sections into this order, show or hide them; those not named follow as they are."""
    chosen = {one.id: one for one in choices}

    def arranged(parts: Parts) -> list[Part]:
        by_id = {part.id: part for part in parts}
        named = [by_id[one] for one in chosen if one in by_id]
        changed = [
            replace(part, is_shown=chosen[part.id].is_shown, is_brief=chosen[part.id].is_brief)
            for part in named
        ]
        return [*changed, *(part for part in parts if part.id not in chosen)]

    return _change(session, by, key, "arranged", arranged)


def write(
    session: Session, by: Person, key: str, part_id: str, version: int, words: PartWords
) -> Report:
    """Change a section's heading and paragraphs. The words must be `ready`.

    Raises:
        NotFound: the section was taken away.
        Conflict: somebody wrote in it since this version was read; carries the section as it is.
    """

    def written(parts: Parts) -> list[Part]:
        part = next((one for one in parts if one.id == part_id), None)
        if part is None:
            raise NotFound(say("This section was taken away meanwhile. Add it again."))
        if part.version != version:
            raise Conflict(CHANGED, part)
        like = report_layouts.still_like(part, words.title, words.text)
        new = replace(part, **vars(words), version=version + 1, like=like)
        return [new if one.id == part_id else one for one in parts]

    return _change(session, by, key, "written", written)


def add_section(session: Session, by: Person, key: str, words: PartWords) -> Part:
    """Add a section of the author's own before those that are hidden. The words must be `ready`.

    Raises:
        Invalid: it has neither heading nor text, or there are too many.
    """
    if not words.title and not words.text:
        raise Invalid({"text": say("Write a heading or a text for the new section.")})
    added: list[Part] = []

    def with_one(parts: Parts) -> list[Part]:
        own = [int(part.id.rpartition("-")[2]) for part in parts if part.is_own]
        if len(own) >= OWN_MAX:
            told = say("A report has at most %(count)s sections of your own.", count=OWN_MAX)
            raise Invalid({"": told})
        number = max(own, default=0) + 1
        part = Part("text", f"text-{number}", words.title, words.text, words.html)
        added.append(part)
        shown = max((turn for turn, one in enumerate(parts, 1) if one.is_shown), default=0)
        return [*parts[:shown], part, *parts[shown:]]

    _change(session, by, key, "section added", with_one)
    return added[0]


def remove_section(session: Session, by: Person, key: str, part_id: str) -> Report:
    """Take away a section of the author's own; the others can only be hidden."""

    def without(parts: Parts) -> list[Part]:
        rest = [part for part in parts if not (part.is_own and part.id == part_id)]
        if len(rest) == len(parts):
            raise NotFound(say("This section is not there any more."))
        return rest

    return _change(session, by, key, "section removed", without)


def use_template(session: Session, by: Person, key: str, template: Parts) -> Report:
    """Arrange a report like a template. What the author wrote stays where they wrote it."""

    def like(parts: Parts) -> list[Part]:
        mine = {part.id: part for part in parts if part.title or part.text or part.questions}
        bare = [report_layouts.unworded(part) for part in template]
        return [
            *(_keeping(mine.get(part.id), part) for part in bare if not part.is_own),
            *(part for part in parts if part.is_own),
            *(_renumbered(part, parts) for part in bare if part.is_own),
        ]

    return _change(session, by, key, "template used", like)


def ask(
    session: Session, by: Person, key: str, questions: Sequence[tuple[int | None, str]]
) -> Report:
    """Give a report across studies questions of its own, to put claims under.

    Each with the number that it has, or None for a new one; empty texts are left out. Claims under
    a question that goes are again where they belong.

    Raises:
        Invalid: too many, too long, or the report is a study's, which has its own.
    """
    report = report_scopes.to_arrange(session, by, key)
    if report.study_id is not None:
        raise Invalid({"questions": say("The questions are the study's. Change them there.")})
    kept = [(number, typed.line(text)) for number, text in questions if typed.line(text)]
    if len(kept) > QUESTIONS_MAX or any(len(text) > QUESTION_MAX for _, text in kept):
        told = say(
            "A report has at most %(most)s questions of up to %(signs)s characters.",
            most=QUESTIONS_MAX,
            signs=QUESTION_MAX,
        )
        raise Invalid({"questions": told})
    standing = {number for number, _ in report_scopes.questions(session, report)}
    newest = max(standing, default=0)
    asked: list[tuple[int, str]] = []
    for number, text in kept:
        if number not in standing:
            newest += 1
            number = newest
        asked.append((number, text))
    gone = [of_question(one) for one in standing - {number for number, _ in asked}]
    there = (col(ReportAtom.report_id) == report.id, col(ReportAtom.place).in_(gone))
    session.execute(delete(ReportAtom).where(*there))

    def asking(parts: Parts) -> list[Part]:
        return [
            replace(part, questions=tuple(asked)) if part.name == "answers" else part
            for part in parts
        ]

    return _change(session, by, key, "asked", asking)


def _keeping(mine: Part | None, part: Part) -> Part:
    if mine is None:
        return part
    return replace(mine, is_shown=part.is_shown or bool(mine.text), is_brief=part.is_brief)


def _renumbered(part: Part, parts: Parts) -> Part:
    taken = {one.id for one in parts}
    number = next(number for number in range(1, 10_000) if f"text-{number}" not in taken)
    return replace(part, id=f"text-{number}", version=1)


def _change(
    session: Session,
    by: Person,
    key: str,
    verb: str,
    changed: Callable[[Parts], Sequence[Part]],
) -> Report:
    report = report_scopes.to_arrange(session, by, key)
    before = report_layouts.parts_of(report.layout)
    after = report_layouts.whole(changed(before))
    if after != before:
        report.layout = report_layouts.as_json(after)
        report.changed_at = now()
        session.flush()
        lost = [part for part in before if part not in after]
        new = [part for part in after if part not in before]
        history.record(
            session, by, verb, "report", report.id, _told(before, lost), _told(after, new)
        )
    return report


def _told(parts: Parts, changed: Sequence[Part]) -> dict[str, object]:
    return {
        "order": [part.id for part in parts if part.is_shown],
        "parts": report_layouts.as_json(changed),
    }
