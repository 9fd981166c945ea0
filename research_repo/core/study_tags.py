"""Tags on studies: its atoms inherit them while they are in it, without a row of their own."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from research_repo.core import access, hierarchy, history, indexing, tagging
from research_repo.core.clock import now
from research_repo.core.errors import Invalid, NotAllowed
from research_repo.core.language import say
from research_repo.core.many import among, rows_of
from research_repo.core.models import Atom, Person, Scheme, Study, StudyTag, Tag

TAGS_MAX = 20


def of_studies(session: Session, study_ids: Collection[int]) -> dict[int, list[int]]:
    """Study → its tags, each once, whatever was merged since."""
    rows = hierarchy.in_chunks(
        session, select(StudyTag.study_id, StudyTag.tag_id), StudyTag.study_id, study_ids
    )
    ends = hierarchy.resolved(session, {tag_id for _, tag_id in rows})
    found: dict[int, list[int]] = {}
    for study_id, tag_id in sorted(rows):
        listed = found.setdefault(study_id, [])
        if ends[tag_id] not in listed:
            listed.append(ends[tag_id])
    return found


def lent(session: Session, atom_ids: Collection[int]) -> dict[int, list[int]]:
    """Atom → the tags that its study lends it, also where it has them itself."""
    rows = rows_of(session, _lent(), atom_ids)
    ends = hierarchy.ends_of(session, {tag_id: survivor for _, tag_id, survivor in rows})
    found: dict[int, dict[int, None]] = {}
    for atom_id, tag_id in sorted((row.id, row.tag_id) for row in rows):
        found.setdefault(atom_id, {})[ends[tag_id]] = None
    return {atom_id: list(tag_ids) for atom_id, tag_ids in found.items()}


@cache
def _lent() -> Any:
    return (
        select(Atom.id, StudyTag.tag_id, Tag.replaced_by)
        .join(StudyTag, col(StudyTag.study_id) == Atom.study_id)
        .join(Tag, col(Tag.id) == StudyTag.tag_id)
        .join(Scheme, col(Scheme.id) == Tag.scheme_id)
        .where(tagging.lends(Atom.kind), among(Atom.id))
    )


def heirs(session: Session, tag_ids: Collection[int]) -> set[int]:
    """The atoms that have one of these tags from their study, whoever may see them."""
    return set(hierarchy.in_chunks(session, _heirs(), StudyTag.tag_id, tag_ids))


@cache
def _heirs() -> Any:
    return (
        select(Atom.id)
        .join(StudyTag, col(StudyTag.study_id) == Atom.study_id)
        .join(Tag, col(Tag.id) == StudyTag.tag_id)
        .join(Scheme, col(Scheme.id) == Tag.scheme_id)
        .where(tagging.lends(Atom.kind))
    )


def put(session: Session, by: Person, study: Study, tag_ids: Iterable[int]) -> bool:
    """Make these the study's tags; whether anything was written. Nothing is written on its atoms.

    Raises:
        Invalid: a tag is retired, or a group takes one tag and got several.
    """
    if not may_put(session, by, study):
        raise NotAllowed(say("Only the study's editors and tag curators may tag this study."))
    ends = hierarchy.resolved(session, set(tag_ids))
    wanted = list(dict.fromkeys(ends.values()))
    stored = list(session.exec(select(StudyTag.tag_id).where(StudyTag.study_id == study.id)))
    effective = hierarchy.resolved(session, stored)
    off = [tag_id for tag_id in stored if effective[tag_id] not in wanted]
    on = [tag_id for tag_id in wanted if tag_id not in effective.values()]
    if not off and not on:
        return False
    tagging.refuse_retired(session, on)
    _refuse_too_many(session, by, wanted)
    session.execute(
        delete(StudyTag).where(col(StudyTag.study_id) == study.id, col(StudyTag.tag_id).in_(off))
    )
    at = now()
    session.add_all(
        StudyTag(study_id=study.id, tag_id=tag_id, person_id=by.id, created_at=at) for tag_id in on
    )
    study.version += 1
    session.flush()
    # Searches read who inherits what with the vocabulary: no atom's document changes.
    indexing.raise_edition(session)
    after = [*on, *(tag_id for tag_id in stored if tag_id not in off)]
    history.record(
        session, by, "tagged", "study", study.id, {"tags": sorted(stored)}, {"tags": sorted(after)}
    )
    return True


def may_put(session: Session, by: Person, study: Study) -> bool:
    """The study's editors, and the curators. The study is one that `by` may see."""
    return access.may_govern(by) or access.may_edit_study(session, by, study)


def _refuse_too_many(session: Session, by: Person, tag_ids: Collection[int]) -> None:
    if len(tag_ids) > TAGS_MAX:
        raise Invalid({"tags": say("A study has at most %(count)s tags.", count=TAGS_MAX)})
    single = select(Tag.scheme_id).join(Scheme, col(Scheme.id) == Tag.scheme_id)
    query = single.where(col(Tag.id).in_(tag_ids), col(Scheme.is_single))
    seen: set[int] = set()
    for scheme_id in session.exec(query):
        if scheme_id in seen:
            group = hierarchy.scheme_labels(session, by.language or "en")[scheme_id]
            advice = say("“%(group)s” takes one tag, and here are several. Leave one.", group=group)
            raise Invalid({"tags": advice})
        seen.add(scheme_id)
