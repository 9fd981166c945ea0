"""Who may see what and do what: every question of access is answered here.

A members-only study and all that is in it do not exist for people outside its team. A draft is seen
by its author and by the study's team. Atoms without a study are seen by all once published. Sources
and participants are seen by the study's team alone, whether the study is open or not. Admins see
everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, bindparam, exists, literal, or_, true
from sqlmodel import Session, col, select

from research_repo.core import words
from research_repo.core.errors import NotAllowed, NotFound
from research_repo.core.language import say
from research_repo.core.models import (
    Atom,
    ImportRun,
    Person,
    Report,
    ReportGround,
    ReportVersion,
    Source,
    Study,
    StudyMember,
)
from research_repo.core.moments import kept

NOT_YOURS = say("Only its author and the study's editors may change this.")

LADDER = {"reader": 0, "researcher": 1, "curator": 2, "admin": 3}


def is_admin(by: Person) -> bool:
    """Sees everything, keeps the people."""
    return by.is_active and by.role == "admin"


def may_log(by: Person) -> bool:
    """Writes atoms and starts studies."""
    return by.is_active and LADDER[by.role] >= LADDER["researcher"]


def may_govern(by: Person) -> bool:
    """Approves, renames and arranges tags."""
    return by.is_active and LADDER[by.role] >= LADDER["curator"]


@dataclass(frozen=True)
class Reach:
    """What a person sees, as plain sets.

    Published and archived atoms are seen without a study or in `studies`. Drafts are seen by their
    author (without a study or in `studies`), and by everybody in `team_studies`.
    """

    person_id: int
    is_admin: bool
    studies: frozenset[int]
    team_studies: frozenset[int]

    def sees(self, status: str, study_id: int | None, author_id: int) -> bool:
        """Whether an atom that stands so exists for the person."""
        if self.is_admin or study_id in self.team_studies:
            return True
        in_place = study_id is None or study_id in self.studies
        return in_place and (status != "draft" or author_id == self.person_id)


def reach(session: Session, by: Person) -> Reach:
    """What `by` sees at this moment."""
    return kept(session, ("reach", by.id, is_admin(by)), lambda: _reach(session, by))


def _reach(session: Session, by: Person) -> Reach:
    return Reach(
        person_id=by.id,
        is_admin=is_admin(by),
        studies=_ids(session, sees_study(by)),
        # Whoever sees everything needs no list of all studies; every search would read it.
        team_studies=frozenset() if is_admin(by) else _ids(session, is_on_team(by)),
    )


def _ids(session: Session, condition: ColumnElement[bool]) -> frozenset[int]:
    return frozenset(session.exec(select(Study.id).where(condition)))


def anybody(session: Session) -> Reach:
    """What everybody sees, whoever they are: open studies and what is in none, without drafts."""
    is_open = select(Study.id).where(is_whole(Study), Study.access == "open")
    return Reach(0, False, frozenset(session.exec(is_open)), frozenset())


def is_on_team(by: Person) -> ColumnElement[bool]:
    """Condition on `Study`: the person owns it or is on its team."""
    return true() if is_admin(by) else _is_on_team(by.id)


def is_whole(noun: type[Atom] | type[Study]) -> ColumnElement[bool]:
    """Condition: no import that is still at work, or that broke off, has made it."""
    # Nobody sees half a file, admins neither.
    open_runs: Any = select(ImportRun.id).where(col(ImportRun.completed_at).is_(None))
    return or_(col(noun.import_id).is_(None), col(noun.import_id).not_in(open_runs))


def sees_study(by: Person) -> ColumnElement[bool]:
    """Condition on `Study`: it exists for this person."""
    return _every_study() if is_admin(by) else _sees_study(by.id)


def study_in_sight(sees_all: bool) -> ColumnElement[bool]:
    """The same for statements that are kept: who asks comes with each question, as `me`."""
    return _every_study() if sees_all else _sees_study(_ME)


def edits_study(by: Person) -> ColumnElement[bool]:
    """Condition on `Study`: the person may change it."""
    if is_admin(by) or not may_log(by):
        return literal(is_admin(by))
    return or_(
        col(Study.owner_id) == by.id,
        exists().where(
            col(StudyMember.study_id) == col(Study.id),
            col(StudyMember.person_id) == by.id,
            col(StudyMember.may_edit),
        ),
    )


def edits_atom(by: Person) -> ColumnElement[bool]:
    """Condition on `Atom`, of those that the person sees: they may change its words."""
    if is_admin(by) or not may_log(by):
        return literal(is_admin(by))
    return or_(
        col(Atom.author_id) == by.id,
        col(Atom.study_id).in_(select(Study.id).where(edits_study(by))),
    )


def sees_atom(by: Person) -> ColumnElement[bool]:
    """Condition on `Atom`: it exists for this person."""
    return _every_atom() if is_admin(by) else _sees_atom(by.id)


def atom_in_sight(sees_all: bool) -> ColumnElement[bool]:
    """The same for statements that are kept: who asks comes with each question, as `me`."""
    return _every_atom() if sees_all else _sees_atom(_ME)


# A page asks for the same conditions a dozen times, and to put one together takes longer than to
# look it up in the database. They name a person by id alone, so that they hold as long as that.
_KEPT = 1_000
_ME: Any = bindparam("me", type_=Integer)


@cache
def _every_study() -> ColumnElement[bool]:
    return is_whole(Study)


@cache
def _every_atom() -> ColumnElement[bool]:
    return is_whole(Atom)


@lru_cache(_KEPT)
def _is_on_team(person_id: int) -> ColumnElement[bool]:
    return or_(
        col(Study.owner_id) == person_id,
        exists().where(
            col(StudyMember.study_id) == col(Study.id), col(StudyMember.person_id) == person_id
        ),
    )


@lru_cache(_KEPT)
def _sees_study(person_id: int) -> ColumnElement[bool]:
    return and_(is_whole(Study), or_(col(Study.access) == "open", _is_on_team(person_id)))


@lru_cache(_KEPT)
def _sees_atom(person_id: int) -> ColumnElement[bool]:
    in_sight = col(Atom.study_id).in_(select(Study.id).where(_sees_study(person_id)))
    in_team = col(Atom.study_id).in_(select(Study.id).where(_is_on_team(person_id)))
    in_place = or_(col(Atom.study_id).is_(None), in_sight)
    standing = or_(
        and_(col(Atom.status) != "draft", in_place),
        and_(col(Atom.author_id) == person_id, in_place),
        in_team,
    )
    return and_(is_whole(Atom), standing)


def study_to_read(session: Session, by: Person, key: str) -> Study:
    """The study, or NotFound when it is not there for this person."""
    asked = {"key": words.fold(key), "me": by.id}
    study: Study | None = session.exec(_study_called(is_admin(by)), params=asked).first()
    if study is None:
        raise NotFound
    return study


@cache
def _study_called(sees_all: bool) -> Any:
    return select(Study).where(col(Study.folded_key) == bindparam("key"), study_in_sight(sees_all))


def study_to_edit(session: Session, by: Person, key: str) -> Study:
    """The study, when this person may change it."""
    study = study_to_read(session, by, key)
    if not may_edit_study(session, by, study):
        raise NotAllowed(say("Only the study's owner and its editors may change it."))
    return study


def may_edit_study(session: Session, by: Person, study: Study) -> bool:
    """Owner, editors of the team and admins."""
    if not may_log(by):
        return False
    if is_admin(by) or study.owner_id == by.id:
        return True
    member = session.get(StudyMember, (study.id, by.id))
    return member is not None and member.may_edit


def may_log_into(session: Session, by: Person, study: Study) -> bool:
    """Researchers log into any open study; into a members-only one its editors do."""
    if not may_log(by):
        return False
    return study.access == "open" or may_edit_study(session, by, study)


def atom_to_read(session: Session, by: Person, key: str) -> Atom:
    """The atom, or NotFound when it is not there for this person."""
    asked = {"key": key.lower(), "me": by.id}
    atom: Atom | None = session.exec(_atom_called(is_admin(by)), params=asked).first()
    if atom is None:
        raise NotFound
    return atom


@cache
def _atom_called(sees_all: bool) -> Any:
    return select(Atom).where(col(Atom.key) == bindparam("key"), atom_in_sight(sees_all))


def atom_to_edit(session: Session, by: Person, key: str) -> Atom:
    """The atom, when this person may change its words."""
    atom = atom_to_read(session, by, key)
    if not may_edit_atom(session, by, atom):
        raise NotAllowed(NOT_YOURS)
    return atom


def may_edit_atom(session: Session, by: Person, atom: Atom) -> bool:
    """Its author, the editors of its study and admins. The atom is one that `by` may see."""
    if not may_log(by):
        return False
    if is_admin(by) or atom.author_id == by.id:
        return True
    study = session.get(Study, atom.study_id) if atom.study_id else None
    return study is not None and may_edit_study(session, by, study)


def may_tag_atom(session: Session, by: Person, atom: Atom) -> bool:
    """Whoever may edit it, and the curators."""
    return may_govern(by) or may_edit_atom(session, by, atom)


def sees_source(by: Person) -> ColumnElement[bool]:
    """Condition on `Source`: it is whole, and the person is on the team of its study."""
    mine = select(Study.id).where(is_whole(Study), is_on_team(by))
    return and_(col(Source.completed_at).is_not(None), col(Source.study_id).in_(mine))


def source_to_read(session: Session, by: Person, key: str) -> Source:
    """The source, removed or not; NotFound when it is not there for this person."""
    query = select(Source).where(col(Source.key) == key.lower(), sees_source(by))
    source = session.exec(query).first()
    if source is None:
        raise NotFound
    return source


def source_to_edit(session: Session, by: Person, key: str) -> Source:
    """The source, when this person may change it: who may change its study."""
    source = source_to_read(session, by, key)
    if not may_edit_study(session, by, session.get_one(Study, source.study_id)):
        raise NotAllowed(say("Only the study's owner and its editors may change its sources."))
    return source


def sees_report(by: Person) -> ColumnElement[bool]:
    """Condition on `Report`: it exists for this person. A study's report is seen like the study."""
    if is_admin(by):
        return col(Report.deleted_at).is_(None)
    of_study = col(Report.study_id).in_(select(Study.id).where(sees_study(by)))
    across = and_(
        col(Report.study_id).is_(None), or_(col(Report.owner_id) == by.id, col(Report.is_shared))
    )
    return and_(col(Report.deleted_at).is_(None), or_(of_study, across))


def report_to_read(session: Session, by: Person, key: str) -> Report:
    """The report, or NotFound when it is not there for this person."""
    query = select(Report).where(col(Report.key) == key.lower(), sees_report(by))
    report = session.exec(query).first()
    if report is None:
        raise NotFound
    return report


def report_to_edit(session: Session, by: Person, key: str) -> Report:
    """The report, when this person may arrange, freeze and share it."""
    report = report_to_read(session, by, key)
    if not may_edit_report(session, by, report):
        raise NotAllowed(say("Only the report's owner and its study's editors may change it."))
    return report


def may_edit_report(session: Session, by: Person, report: Report) -> bool:
    """Of a study's report: whoever may change the study; of any other its owner; admins of all."""
    if report.study_id is not None:
        return may_edit_study(session, by, session.get_one(Study, report.study_id))
    return is_admin(by) or (by.is_active and report.owner_id == by.id)


def sees_version(by: Person) -> ColumnElement[bool]:
    """Condition on `ReportVersion`: they see its report, and every study that it draws on."""
    seen = col(ReportVersion.report_id).in_(select(Report.id).where(sees_report(by)))
    closed = select(ReportGround.version_id).where(
        col(ReportGround.study_id).not_in(select(Study.id).where(sees_study(by)))
    )
    return and_(seen, col(ReportVersion.id).not_in(closed))


def team_study_to_read(session: Session, by: Person, key: str) -> Study:
    """The study, when the person is on its team; NotFound where it, or its inside, is not theirs."""
    study = study_to_read(session, by, key)
    if not may_see_inside(session, by, study):
        raise NotFound
    return study


def team_study_to_edit(session: Session, by: Person, key: str) -> Study:
    """The study, when the person may change what is inside it: its sources and participants."""
    study = team_study_to_read(session, by, key)
    if not may_edit_study(session, by, study):
        raise NotAllowed(
            say("Only the study's owner and its editors may change its sources and participants.")
        )
    return study


def may_see_inside(session: Session, by: Person, study: Study) -> bool:
    """Whether the person is on the team of a study that they see: owner, members and admins."""
    if is_admin(by) or study.owner_id == by.id:
        return True
    return session.get(StudyMember, (study.id, by.id)) is not None


def require_active(by: Person) -> None:
    """Refuse whoever was shut out."""
    if not by.is_active:
        raise NotAllowed


def require_log(by: Person) -> None:
    """Refuse whoever only reads."""
    if not may_log(by):
        raise NotAllowed(
            say("Readers cannot write. Ask an administrator to make you a researcher.")
        )


def require_govern(by: Person) -> None:
    """Refuse whoever does not keep the tags."""
    if not may_govern(by):
        raise NotAllowed(say("Only tag curators may do this. Ask one, or an administrator."))


def require_admin(by: Person) -> None:
    """Refuse whoever is not an admin."""
    if not is_admin(by):
        raise NotAllowed(say("Only administrators may do this."))
