"""Many atoms tagged, confirmed or archived as one action: done in parts, taken back as one.

Each part is one short transaction that keeps the rows which it wrote. A part that is done is never
done again, so the work goes on where it was broken off, and an undo writes exactly those rows back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from research_repo.core import (
    access,
    bulk_weighing,
    change_rows,
    hierarchy,
    history,
    indexing,
    jobs,
    retagging,
    rules,
    settling,
    tagging,
)
from research_repo.core.bulk_weighing import Then, Weighed
from research_repo.core.change_rows import OF_ATOMS, Image
from research_repo.core.clock import now
from research_repo.core.confirmations import checked_note
from research_repo.core.db import add_rows
from research_repo.core.errors import Conflict, Invalid, NotFound
from research_repo.core.language import say
from research_repo.core.models import Atom, BulkStep, BulkTagging, Job, Person, Tag
from research_repo.core.rules import Carries

PICKED_MAX = 1000
"""So many atoms can be named one by one; more are named by their search."""
STEP_ATOMS = 100
AT_ONCE = 200
TAGS_MAX = 20
NOUN = "bulk_tagging"
JOBS = {
    "tag": ("atoms.tag", "atoms.untag"),
    "confirm": ("claims.settle", "claims.unsettle"),
    "archive": ("claims.settle", "claims.unsettle"),
}
"""What is done → the jobs that do it and that take it back."""


def weigh(
    session: Session,
    by: Person,
    atom_ids: Collection[int],
    added: Sequence[int],
    removed: Sequence[int],
) -> Weighed:
    """What it would do; the atoms that the person does not see are as if they were not there.

    Raises:
        Invalid: no tag is named, one is named twice, or one is retired.
    """
    access.require_log(by)
    on, off = _tags(session, added, removed)
    return bulk_weighing.weighed(session, by, atom_ids, bulk_weighing.retagged(session, on, off))


def picked(session: Session, by: Person, keys: Sequence[str]) -> list[int]:
    """The atoms with these keys, in their order; what the person does not see is left out.

    Raises:
        Invalid: they are more than can be named one by one.
    """
    if len(keys) > PICKED_MAX:
        advice = say(
            "At most %(count)s findings can be chosen one by one. Choose all that match instead.",
            count=PICKED_MAX,
        )
        raise Invalid({"atoms": advice})
    wanted = list(dict.fromkeys(key.lower() for key in keys))
    seen = select(Atom.key, Atom.id).where(access.sees_atom(by))
    ids = dict(hierarchy.in_chunks(session, seen, Atom.key, wanted))
    return [ids[key] for key in wanted if key in ids]


def begin(
    session: Session,
    by: Person,
    atom_ids: Sequence[int],
    added: Sequence[int],
    removed: Sequence[int],
) -> BulkTagging:
    """Put tags on atoms that the person sees, and take tags off: a few at once, many by a job.

    When its turn comes each atom is looked at again: those that the person may not tag then, and
    those that would break a rule, are left out.

    Raises:
        Invalid: nothing would be done; or as in `weigh`.
    """
    access.require_log(by)
    on, off = _tags(session, added, removed)
    return _begun(session, by, BulkTagging(added=on, removed=off), atom_ids)


def settle(
    session: Session, by: Person, atom_ids: Sequence[int], deed: str, note: str = ""
) -> BulkTagging:
    """Confirm, or archive, atoms that the person sees: a few at once, many by a job.

    When its turn comes each atom is looked at again; those that are not theirs are left out.

    Raises:
        Invalid: nothing would be done, or the note is too long.
    """
    access.require_log(by)
    if deed not in settling.DEEDS:
        raise Invalid({"do": say("Choose what is to be done.")})
    wanted = BulkTagging(deed=deed, note=checked_note(note), added=[], removed=[])
    return _begun(session, by, wanted, atom_ids)


def go_on(session: Session, by: Person, bulk_id: int) -> bool:
    """Go on with the next of its atoms, under what the person may at this moment; whether some are left.

    Raises:
        Invalid: one of the tags was retired meanwhile.
    """
    made = session.get_one(BulkTagging, bulk_id)
    if made.status != "running":
        return False
    waiting = select(BulkStep).where(BulkStep.bulk_id == bulk_id, col(BulkStep.told).is_(None))
    steps = session.exec(waiting.order_by(col(BulkStep.position)).limit(2)).all()
    if steps:
        _do(session, by, made, steps[0])
    if len(steps) < 2:
        made.status = "done"
        session.flush()
    return len(steps) > 1


def undo(session: Session, by: Person, bulk_id: int) -> BulkTagging:
    """Take it back, also while it is at work: the rest is not begun any more.

    What people did since stays: a tag that they put or took off themselves is left as it is.

    Raises:
        Conflict: it is undone already.
        NotFound: it is somebody else's.
    """
    made = get(session, by, bulk_id)
    if made.status in ("undoing", "undone"):
        raise Conflict(say("It is undone already."))
    made.status = "undoing"
    history.record(session, by, "undone", NOUN, made.id)
    _set_to_work(session, by, made)
    return made


def go_back(session: Session, by: Person, bulk_id: int) -> bool:
    """Take back the last of its parts that stands; whether some are left."""
    made = session.get_one(BulkTagging, bulk_id)
    if made.status != "undoing":
        return False
    standing = select(BulkStep).where(
        BulkStep.bulk_id == bulk_id,
        col(BulkStep.told).is_not(None),
        col(BulkStep.undone_at).is_(None),
    )
    steps = session.exec(standing.order_by(col(BulkStep.position).desc()).limit(2)).all()
    if steps:
        back = _untag if made.deed == "tag" else settling.take_back
        back(session, by, made, steps[0])
    if len(steps) < 2:
        made.status = "undone"
        session.flush()
    return len(steps) > 1


def again(session: Session, by: Person, bulk_id: int) -> BulkTagging:
    """Go on with what broke off: with the work, or with its undo.

    Raises:
        Conflict: nothing of it is left to do, or it is at work.
        NotFound: it is somebody else's.
    """
    made = get(session, by, bulk_id)
    if made.status not in ("running", "undoing") or is_at_work(session, made):
        raise Conflict(say("There is nothing to go on with."))
    history.record(session, by, "started", NOUN, made.id)
    _set_to_work(session, by, made)
    return made


def steps(session: Session, bulk_id: int, *, is_back: bool = False) -> tuple[int, int]:
    """How many of its parts are done and how many there are; or of its undo."""
    mine = select(func.count()).select_from(BulkStep).where(BulkStep.bulk_id == bulk_id)
    begun = mine.where(col(BulkStep.told).is_not(None))
    if is_back:
        back = begun.where(col(BulkStep.undone_at).is_not(None))
        return session.exec(back).one(), session.exec(begun).one()
    return session.exec(begun).one(), session.exec(mine).one()


def get(session: Session, by: Person, bulk_id: int) -> BulkTagging:
    """One work on many atoms, for its person and for admins; NotFound for others."""
    made = session.get(BulkTagging, bulk_id)
    if made is None or not (access.is_admin(by) or made.person_id == by.id):
        raise NotFound
    return made


def is_at_work(session: Session, made: BulkTagging) -> bool:
    """Whether a job has it in hand, or will."""
    job = session.get(Job, made.job_id) if made.job_id else None
    # What was moved here from another repository names a job of that one.
    is_mine = job is not None and (job.arguments or {}).get("bulk") == made.id
    return is_mine and job is not None and job.status in ("waiting", "running")


def _steps(bulk_id: int, atom_ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    blank = {"images": None, "told": None, "undone_at": None}
    counts = dict.fromkeys(("changed", "same", "not_yours", "refused", "taken_back"), 0)
    for position, start in enumerate(range(0, len(atom_ids), STEP_ATOMS)):
        some = list(atom_ids[start : start + STEP_ATOMS])
        yield {"bulk_id": bulk_id, "position": position, "atom_ids": some, **blank, **counts}


def _begun(
    session: Session, by: Person, wanted: BulkTagging, atom_ids: Sequence[int]
) -> BulkTagging:
    if not atom_ids:
        raise Invalid({"atoms": say("Choose the findings first.")})
    wanted.person_id, wanted.total = by.id, len(atom_ids)
    session.add(wanted)
    session.flush()
    add_rows(session, BulkStep, list(_steps(wanted.id, atom_ids)))
    told = {"added": wanted.added, "removed": wanted.removed, "atoms": len(atom_ids)}
    told |= {} if wanted.deed == "tag" else {"deed": wanted.deed, "note": wanted.note}
    history.record(session, by, "started", NOUN, wanted.id, after=told)
    _set_to_work(session, by, wanted)
    return wanted


def _set_to_work(session: Session, by: Person, made: BulkTagging) -> None:
    is_back = made.status == "undoing"
    if made.total > AT_ONCE:
        # It is done under the eyes of the one who asked, whoever lets it go on.
        acts = by.id if is_back else made.person_id
        kind = JOBS[made.deed][is_back]
        made.job_id = jobs.start(session, by, kind, {"bulk": made.id, "person": acts}).id
        session.flush()
        return
    made.job_id = None
    session.flush()
    # What one short transaction can hold is done in this one: nobody waits for a job.
    work = go_back if is_back else go_on
    while work(session, by, made.id):
        pass


def _tags(
    session: Session, added: Sequence[int], removed: Sequence[int]
) -> tuple[list[int], list[int]]:
    ends = hierarchy.resolved(session, {*added, *removed})
    on, off = (
        list(dict.fromkeys(ends[one] for one in some if one in ends)) for some in (added, removed)
    )
    if not on and not off:
        raise Invalid({"add": say("Name a tag to put on, or one to take off.")})
    if len(on) + len(off) > TAGS_MAX:
        raise Invalid({"add": say("Name at most %(count)s tags.", count=TAGS_MAX)})
    if set(on) & set(off):
        raise Invalid({"remove": say("One tag is to be put on and taken off. Leave it in one.")})
    try:
        tagging.refuse_retired(session, on)
    except Invalid as refusal:
        raise Invalid({"add": refusal.problems["tags"]}) from refusal
    return on, off


def _do(session: Session, by: Person, made: BulkTagging, step: BulkStep) -> None:
    do = _tag if made.deed == "tag" else settling.do
    found = do(session, by, made, step)
    step.changed, step.same = len(found.changing), len(found.same)
    step.not_yours, step.refused = len(found.not_yours), len(found.refused)
    step.told = {
        "not_yours": list(found.not_yours),
        "refused": [[one, advice.as_json()] for one, advice in found.refused.items()],
    }
    session.flush()


def _tag(session: Session, by: Person, made: BulkTagging, step: BulkStep) -> Weighed:
    on, off = _tags(session, made.added, made.removed)
    found = bulk_weighing.weighed(
        session, by, step.atom_ids, bulk_weighing.retagged(session, on, off)
    )
    atom_ids = list(found.changing)
    schemes = set(rules.schemes_of(session, on).values())
    tags = [session.get_one(Tag, tag_id) for tag_id in on]
    was = change_rows.state(session, (), atom_ids, (*on, *off), schemes)
    before = _tags_of(session, atom_ids)
    retagging.take_off(session, atom_ids, off)
    retagging.put_on(session, by, atom_ids, tags)
    images = change_rows.difference(
        was, change_rows.state(session, (), atom_ids, (*on, *off), schemes)
    )
    step.images = change_rows.plain(images)
    _note(session, by, made, before)
    return found


def _untag(session: Session, by: Person, made: BulkTagging, step: BulkStep) -> None:
    images = change_rows.from_plain(step.images)
    strays = {(one.table, one.key) for one in change_rows.strays(session, images)}
    standing = [one for one in images if (one.table, one.key) not in strays]
    named = {one.row["tag_id"] for one in standing if one.table == OF_ATOMS[0]}
    known = hierarchy.resolved(session, named)
    standing = [one for one in standing if one.table != OF_ATOMS[0] or one.row["tag_id"] in known]
    found = bulk_weighing.weighed(
        session, by, sorted({one.row["atom_id"] for one in standing}), _without(standing, known)
    )
    # A row that changes nothing of what counts (a merged tag beside its survivor) goes back, too.
    atom_ids = {*found.changing, *found.same}
    before = _tags_of(session, sorted(atom_ids))
    change_rows.put_back(session, [one for one in standing if one.row["atom_id"] in atom_ids])
    step.taken_back, step.undone_at = len(atom_ids), now()
    _note(session, by, made, before)


def _without(images: Sequence[Image], ends: dict[int, int]) -> Then:
    """What an atom carries when what these images tell has not happened."""
    by_atom: dict[int, list[Image]] = {}
    for one in images:
        by_atom.setdefault(one.row["atom_id"], []).append(one)

    def then(atom_id: int, carries: Carries) -> Carries:
        own, marked = set(carries.own), set(carries.marked)
        for one in by_atom.get(atom_id, ()):
            is_tag = one.table == OF_ATOMS[0]
            side, value = (
                (own, ends[one.row["tag_id"]]) if is_tag else (marked, one.row["scheme_id"])
            )
            (side.discard if one.before is None else side.add)(value)
        return replace(carries, own=sorted(own), marked=sorted(marked))

    return then


def _tags_of(session: Session, atom_ids: Sequence[int]) -> dict[int, list[int]]:
    puts = tagging.of_atoms(session, atom_ids)
    return {one: [put.asserted_id for put in puts.get(one, ())] for one in atom_ids}


def _note(session: Session, by: Person, made: BulkTagging, before: dict[int, list[int]]) -> None:
    """Count and tell what was written: versions, history, the index."""
    atom_ids = list(before)
    retagging.touch(session, atom_ids)
    indexing.enqueue(session, by, atom_ids)
    after = _tags_of(session, atom_ids)
    history.record_many(
        session,
        by,
        "tagged",
        "atom",
        {one: {"tags": after[one], "bulk": made.id} for one in atom_ids},
        {one: {"tags": before[one]} for one in atom_ids},
    )
    session.flush()
