"""Where the author of a report puts its claims: under a question, beside them, or out of sight."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import delete
from sqlmodel import Session, col, select

from research_repo.core import access, hierarchy, history, report_scopes
from research_repo.core.clock import now
from research_repo.core.db import add_rows
from research_repo.core.errors import Invalid
from research_repo.core.language import say
from research_repo.core.models import Atom, Person, Report, ReportAtom
from research_repo.core.report_places import ALSO, HIDDEN, PICKED, RECOMMENDED, of_question

HOME = ""
"""The place where a claim belongs by itself."""

GONE = say("These claims are not in this report any more. Reload the page.")


def put(
    session: Session,
    by: Person,
    key: str,
    atom_keys: Sequence[str],
    place: str,
    before: str = "",
    found: Collection[int] = (),
) -> None:
    """Put claims of a report into one place of it, in this order, before another one or at the end.

    One that belongs there by itself only changes its turn; any other stands there alone.
    HOME takes back where the author put them. `found` is what the report's search finds.

    Raises:
        Invalid: no such place, or none of the claims is in the report.
    """
    report = report_scopes.to_arrange(session, by, key)
    placed = report_scopes.placed(session, by, report, found)
    asked = {of_question(number) for number, _ in report_scopes.questions(session, report)}
    if place not in {*asked, ALSO, RECOMMENDED, HIDDEN, HOME}:
        told = say("This place is not there any more. Reload the page and choose another one.")
        raise Invalid({"place": told})
    ids = _ids(session, by, (*atom_keys, before))
    there = set(placed.everything)
    moving = [ids[one] for one in map(str.lower, atom_keys) if ids.get(one) in there]
    if not moving:
        raise Invalid({"atoms": GONE})
    standing = list(placed.at(place))
    _take(session, report, [one for one in moving if one not in standing])
    if place != HOME:
        order = _with(standing, moving, ids.get(before.lower()))
        _write(session, report, place, order)
    _note(session, by, report, "put", {"place": place, "atoms": list(atom_keys)})


def pick(session: Session, by: Person, key: str, atom_keys: Sequence[str]) -> None:
    """Add claims to a report of picked ones, behind those that it has.

    Raises:
        Invalid: none of them is there for this person, they are too many, or nobody picks here.
    """
    report = _list_to_arrange(session, by, key)
    known = _ids(session, by, atom_keys)
    added = [known[one] for one in dict.fromkeys(map(str.lower, atom_keys)) if one in known]
    if not added:
        raise Invalid({"atoms": say("None of these claims is there. Choose others.")})
    standing = report_scopes.picked(session, report.id)
    order = list(dict.fromkeys((*standing, *added)))
    if len(order) > report_scopes.CLAIMS_MAX:
        most = report_scopes.CLAIMS_MAX
        told = say("A report holds at most %(count)s claims. Begin it from a search.", count=most)
        raise Invalid({"atoms": told})
    _write(session, report, PICKED, order)
    _note(session, by, report, "picked", {"atoms": list(atom_keys)})


def drop(session: Session, by: Person, key: str, atom_keys: Sequence[str]) -> None:
    """Take claims out of a report of picked ones."""
    report = _list_to_arrange(session, by, key)
    gone = set(_ids(session, by, atom_keys).values())
    mine = (col(ReportAtom.report_id) == report.id, col(ReportAtom.atom_id).in_(gone))
    session.execute(delete(ReportAtom).where(*mine))
    _note(session, by, report, "dropped", {"atoms": list(atom_keys)})


def _list_to_arrange(session: Session, by: Person, key: str) -> Report:
    report = report_scopes.to_arrange(session, by, key)
    if report.scope != "list":
        told = say("Only a report of chosen claims takes single ones. Begin a new one with these.")
        raise Invalid({"": told})
    return report


def _ids(session: Session, by: Person, keys: Collection[str]) -> Mapping[str, int]:
    wanted = {key.lower() for key in keys if key}
    seen = select(Atom.key, Atom.id).where(access.sees_atom(by))
    return dict(hierarchy.in_chunks(session, seen, Atom.key, wanted))


def _with(standing: Sequence[int], moving: Sequence[int], before: int | None) -> list[int]:
    rest = [one for one in standing if one not in moving]
    turn = rest.index(before) if before in rest else len(rest)
    return [*rest[:turn], *moving, *rest[turn:]]


def _take(session: Session, report: Report, atom_ids: Sequence[int]) -> None:
    mine = (col(ReportAtom.report_id) == report.id, col(ReportAtom.atom_id).in_(atom_ids))
    session.execute(delete(ReportAtom).where(*mine, col(ReportAtom.place) != PICKED))


def _write(session: Session, report: Report, place: str, atom_ids: Sequence[int]) -> None:
    mine = (col(ReportAtom.report_id) == report.id, col(ReportAtom.place) == place)
    session.execute(delete(ReportAtom).where(*mine))
    rows = [
        {"report_id": report.id, "atom_id": atom_id, "place": place, "position": position}
        for position, atom_id in enumerate(atom_ids)
    ]
    add_rows(session, ReportAtom, rows)


def _note(
    session: Session, by: Person, report: Report, verb: str, after: dict[str, object]
) -> None:
    report.changed_at = now()
    session.flush()
    history.record(session, by, verb, "report", report.id, after=after)
