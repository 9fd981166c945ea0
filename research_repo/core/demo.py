"""The demo content: studies of a marketplace that does not exist, as if the last one ended just now.

What it says stands in plain files in `research_repo/demo`; days in them count back from the day of
loading. Its colleagues are shut out from the start: they have no password and cannot come in.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from research_repo.core import (
    atoms,
    demo_sources,
    demo_tags,
    instance,
    links,
    people,
    recommendations,
    studies,
    tagging,
)
from research_repo.core.atoms import AtomValues
from research_repo.core.clock import now, today
from research_repo.core.db import Database
from research_repo.core.evidence import EvidenceValues
from research_repo.core.models import LINK_KINDS, Atom, Person, Study, Tag

CONTENT = Path(__file__).resolve().parent.parent / "demo"
EXTERNAL_IDS = "lavochka-"
ROWS_AT_ONCE = 10
KINDS = {"facts": "fact", "insights": "insight", "recommendations": "recommendation"}

Row = dict[str, Any]
TagIds = dict[str, int]


@dataclass(frozen=True)
class Try:
    """A search worth trying on the demo content, and what it shows."""

    text: str
    note: str


def load(database: Database, progress: Callable[[int, int], None] | None = None) -> int:
    """Add what is missing of the demo content, in short transactions; how many atoms were added.

    What stands already stays as people made it. A load that was broken off is completed by the next.
    """
    with database.saving() as session:
        _name(session)
        colleagues = _colleagues(session)
    tag_ids = _load_tags(database, colleagues)
    added = 0
    for place, name in enumerate(_files()):
        if progress:
            progress(place + 1, len(_files()) + 1)
        added += _load_file(database, colleagues, tag_ids, name)
    return added


def is_due(session: Session) -> bool:
    """Whether a server may load it unasked: nothing of the team's own would stand beside it."""
    if is_here(session):
        return True
    return not any(session.exec(select(noun.id).limit(1)).first() for noun in (Study, Atom))


def is_here(session: Session) -> bool:
    """Whether the repository holds the demo content, or a part of it."""
    keys = [_content(name)["study"]["key"] for name in _files() if "study" in _content(name)]
    return session.exec(select(Study.id).where(col(Study.key).in_(keys))).first() is not None


def tries(session: Session, language: str) -> list[Try]:
    """Searches to try, in the person's language; none where the demo content is not."""
    if not is_here(session):
        return []
    return [Try(row["text"], row["note"]) for row in _content("about")["tries"][language]]


def has_tags_to_fold(session: Session) -> bool:
    """Whether the three tags that stand for one thing still wait for a curator."""
    guids = [demo_tags.GUIDS + name for name in _content("tags")["to_fold"]]
    waiting = select(Tag.id).where(
        col(Tag.guid).in_(guids), Tag.status == "candidate", col(Tag.replaced_by).is_(None)
    )
    return len(session.exec(waiting).all()) == len(guids)


@cache
def _content(name: str) -> Row:
    return tomllib.loads((CONTENT / f"{name}.toml").read_text("utf-8"))


def _files() -> list[str]:
    return list(_content("about")["files"])


def _rows(content: Row) -> list[tuple[str, Row]]:
    return [(kind, row) for name, kind in KINDS.items() for row in content.get(name, ())]


def _in_parts(database: Database, rows: list[Any], write: Callable[[Session, Any], object]) -> None:
    # Nobody else's writing waits for the whole of it.
    for start in range(0, len(rows), ROWS_AT_ONCE):
        with database.saving() as session:
            for row in rows[start : start + ROWS_AT_ONCE]:
                write(session, row)


def _name(session: Session) -> None:
    if people.is_empty(session) and not instance.repository(session).title:
        people.name_repository(session, people.system(session), _content("about")["title"])


def _colleagues(session: Session) -> dict[str, Person]:
    """The demo's people, able to act here and now; the database knows them as shut out."""
    acting = {}
    for name, row in _content("about")["colleagues"].items():
        kept = people.by_email(session, row["email"])
        if kept is None:
            kept = Person(**row, role="researcher", is_active=False)
            session.add(kept)
            session.flush()
        acting[name] = Person(id=kept.id, **row, role="researcher", is_active=True)
    return acting


def _load_tags(database: Database, colleagues: dict[str, Person]) -> TagIds:
    content = _content("tags")
    ids: TagIds = {}

    def make(session: Session, row: Row) -> None:
        scheme = demo_tags.make_scheme(session, schemes[row["scheme"]])
        by = colleagues.get(row.get("by", "")) or people.system(session)
        above = [ids[name] for name in row.get("under", ())]
        definition = content["definitions"].get(row["id"], {})
        ids[row["id"]] = demo_tags.make(session, by, scheme, row, definition, above)

    schemes = {row["key"]: row for row in content["schemes"]}
    with database.reading() as session:
        for group, names in content["starters"].items():
            ids |= {name: demo_tags.starter(session, f"{group}:{name}") for name in names}
    _in_parts(database, content["tags"], make)
    return ids


def _load_file(
    database: Database, colleagues: dict[str, Person], tag_ids: TagIds, name: str
) -> int:
    content = _content(name)
    study = content.get("study", {})
    texts: list[str] = []
    rows = _rows(content)
    if study:
        _load_study(database, colleagues, study)
        texts = _load_texts(database, colleagues[study["owner"]], study, rows, content)
    with database.reading() as session:
        standing = _keys(session)
        questions = _question_ids(session, study)
    missing = [
        (row, atoms.ready(_atom_values(kind, row, study, questions, place / len(rows))))
        for place, (kind, row) in enumerate(rows)
        if row["id"] not in standing
    ]

    def log(session: Session, pair: tuple[Row, AtomValues]) -> None:
        row, values = pair
        by = colleagues[row.get("by") or study["owner"]]
        if study:
            values = _with_quotes(session, colleagues[study["owner"]], values, study, texts, row)
        atom = atoms.log(session, by, values)
        tagging.write(session, by, atom, [tag_ids[tag] for tag in row["tags"]])
        if "stage" in row:
            said = (row["stage"], row.get("tracker"), row.get("stage_note"))
            recommendations.set_stage(session, by, atom.key, *said)
        atom.created_at = atom.updated_at = _written(row, study, values)
        standing[row["id"]] = atom.key
        # A link comes with the later of its ends, once: one that people take off stays off.
        for start, end, link_kind, linker in _links():
            if row["id"] in (start, end) and start in standing and end in standing:
                links.add(session, colleagues[linker], standing[start], standing[end], link_kind)

    _in_parts(database, missing, log)
    return len(missing)


def _load_study(database: Database, colleagues: dict[str, Person], study: Row) -> None:
    given = {
        name: study[name]
        for name in ("title", "method", "status", "summary", "background", "approach")
    }
    values = studies.ready(
        studies.StudyValues(
            **given,
            access=study.get("access", "open"),
            starts_on=_day(study["starts"]),
            ends_on=_day(study["ends"]),
            participant_count=study["participants"],
            limitations=study["limitations"],
            questions=[(None, text) for text in study["questions"]],
        )
    )
    with database.saving() as session:
        if session.exec(select(Study.id).where(Study.key == study["key"])).first() is None:
            made = studies.create(session, colleagues[study["owner"]], study["key"], values)
            made.created_at = _moment(study["starts"])


def _load_texts(
    database: Database, owner: Person, study: Row, rows: list[tuple[str, Row]], content: Row
) -> list[str]:
    said = [piece["who"] for _, row in rows for piece in row.get("quotes", ())]
    with database.saving() as session:
        demo_sources.load_people(session, owner, study, said, _day)
        return [
            demo_sources.load_text(session, owner, study, row, _day)
            for row in content.get("sources", ())
        ]


def _with_quotes(
    session: Session, owner: Person, values: AtomValues, study: Row, texts: list[str], row: Row
) -> AtomValues:
    here = session.exec(select(Study.id).where(Study.key == study["key"])).one()
    said = [
        demo_sources.quoted(session, owner, here, texts, piece) for piece in row.get("quotes", ())
    ]
    return replace(values, evidence=[*said, *values.evidence])


def _question_ids(session: Session, study: Row) -> list[int]:
    if not study:
        return []
    kept = session.exec(select(Study).where(Study.key == study["key"])).one()
    return [question.id for question in studies.questions_of(session, kept.id)]


def _atom_values(kind: str, row: Row, study: Row, questions: list[int], share: float) -> AtomValues:
    observed = None
    if kind == "fact":
        # Sessions, tickets and answers are spread over the days of their study.
        observed = _day(study["starts"] - int(share * (study["starts"] - study["ends"])))
    asked = [number for number in row.get("questions", ()) if number <= len(questions)]
    return AtomValues(
        kind=kind,
        title=row["title"],
        body=row.get("body", ""),
        study_key=study.get("key", ""),
        question_ids=[questions[number - 1] for number in asked],
        evidence=[EvidenceValues(kind="number", **piece) for piece in row.get("numbers", ())],
        observed_on=observed,
        external_id=EXTERNAL_IDS + row["id"],
    )


@cache
def _links() -> list[tuple[str, str, str, str]]:
    """From, to, kind, and who links: the author of the claim that the file tells it with."""
    found = []
    for name in _files():
        for _, row in _rows(_content(name)):
            by = row.get("by") or _content(name)["study"]["owner"]
            found += [(other, row["id"], "supports", by) for other in row.get("rests_on", ())]
            found += [
                (row["id"], other, kind, by) for kind in LINK_KINDS for other in row.get(kind, ())
            ]
    return found


def _keys(session: Session) -> dict[str, str]:
    query = select(Atom.external_id, Atom.key).where(col(Atom.external_id).startswith(EXTERNAL_IDS))
    return {
        external_id.removeprefix(EXTERNAL_IDS): key
        for external_id, key in session.exec(query)
        if external_id
    }


def _written(row: Row, study: Row, values: AtomValues) -> datetime:
    if values.observed_on:
        return _moment((today() - values.observed_on).days)
    return _moment(row["ago"] if "ago" in row else study["ends"] - 2)


def _day(ago: int) -> date:
    return today() - timedelta(days=ago)


def _moment(ago: int) -> datetime:
    return min(datetime.combine(_day(ago), time(9), UTC), now())
