"""History: every verb leaves its line, in the transaction of its change; what it held lies apart."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlmodel import Session, select

from research_repo import core
from research_repo.core import (
    atom_files,
    atoms,
    briefs,
    bulk,
    changes,
    confirmations,
    consent,
    erasing,
    feeds,
    follows,
    history,
    indexing,
    jobs,
    links,
    misses,
    participants,
    people,
    policies,
    recommendations,
    report_arranging,
    report_layouts,
    report_picking,
    report_redaction,
    report_templates,
    report_writing,
    requests,
    review_periods,
    reviewing,
    rewording,
    rules,
    saved_searches,
    schemes,
    shares,
    source_edits,
    sources,
    speakers,
    starters,
    studies,
    study_tags,
    tagging,
    tags,
    tokens,
)
from research_repo.core.atoms import AtomValues
from research_repo.core.attachments import Kept
from research_repo.core.change_lines import AddLabel, Retag, Retire
from research_repo.core.clock import now
from research_repo.core.db import Database
from research_repo.core.models import (
    Atom,
    BulkStep,
    BulkTagging,
    ChangeSet,
    History,
    HistoryPayload,
    IndexQueue,
    Person,
    SearchMiss,
    Study,
    Tag,
)
from research_repo.core.report_arranging import PartChoice, PartWords
from research_repo.core.report_writing import NewReport
from research_repo.core.source_texts import Turn, composed
from research_repo.core.studies import StudyValues
from research_repo.core.tags import TagWords
from tests import frozen, make

INSIGHT = AtomValues(kind="insight", title="People leave", tags=("leaving",))
STUDY = StudyValues(title="Why people leave")
DESCRIBED = sources.SourceValues(title="Second talk", kind="notes", language="en")
KEPT = Kept("0" * 64, "image/png", 10)
CLASSIC = report_layouts.shipped("study", "en")
TEMPLATE = report_templates.TemplateValues("Diary", CLASSIC)
HEARD = participants.ParticipantValues(code="R-07")

# Verb → how somebody does it in the `world` below.
VERBS: dict[str, Callable[[Session, SimpleNamespace], object]] = {
    "atoms.log": lambda s, w: atoms.log(s, w.by, atoms.ready(INSIGHT)),
    "atoms.edit": lambda s, w: atoms.edit(s, w.by, w.atom.key, 1, atoms.ready(INSIGHT)),
    "atoms.set_status": lambda s, w: atoms.set_status(s, w.by, w.atom.key, 1, "archived"),
    "atom_files.attach": lambda s, w: atom_files.attach(s, w.by, w.atom.key, KEPT, "a.png"),
    "atom_files.choose": lambda s, w: atom_files.choose(
        s, w.by, w.atom.key, w.shot.key, "The page"
    ),
    "atom_files.take_off": lambda s, w: atom_files.take_off(
        s, w.by, w.atom.key, atom_files.attach(s, w.by, w.atom.key, KEPT, "a.png").id
    ),
    "links.add": lambda s, w: links.add(s, w.by, w.other.key, w.atom.key, "relates"),
    "links.join": lambda s, w: links.join(s, w.by, w.other, w.atom, "relates"),
    "links.put": lambda s, w: links.put(s, w.by, w.other, "relates", [w.atom.key]),
    "links.support": lambda s, w: links.support(
        s, w.by, make.atom(s, w.by, "Three", w.study), [w.atom.key]
    ),
    "links.remove": lambda s, w: links.remove(s, w.by, w.link.id),
    "studies.create": lambda s, w: studies.create(s, w.by, "new", studies.ready(STUDY)),
    "studies.change": lambda s, w: studies.change(s, w.by, "returns", 1, studies.ready(STUDY)),
    "studies.add_member": lambda s, w: studies.add_member(s, w.by, "returns", w.olga.email, False),
    "studies.remove_member": lambda s, w: studies.remove_member(s, w.by, "returns", w.anna.id),
    "tagging.put": lambda s, w: tagging.put(s, w.by, w.atom, [w.tag.id]),
    "tagging.write": lambda s, w: tagging.write(s, w.by, w.atom, [w.tag.id]),
    "tagging.named": lambda s, w: tagging.named(s, w.by, ["a new word"], "en"),
    "rules.mark": lambda s, w: rules.mark(s, w.by, w.atom, [w.tag.scheme_id]),
    "rules.retag": lambda s, w: rules.retag(s, w.by, w.atom, [w.tag.id], [w.tag.scheme_id]),
    "study_tags.put": lambda s, w: study_tags.put(s, w.by, w.study, [w.tag.id]),
    "tags.create": lambda s, w: tags.create(s, w.by, "segment", TagWords({"en": "Pro"})),
    "tags.change": lambda s, w: tags.change(s, w.by, w.tag.key, 1, TagWords({"en": "Fee"})),
    "tags.add_parent": lambda s, w: tags.add_parent(s, w.by, w.tag.key, w.area.key),
    "tags.remove_parent": lambda s, w: tags.remove_parent(s, w.by, w.placed.key, w.area.key),
    "tags.reject": lambda s, w: tags.reject(s, w.by, w.candidate.key, "It is Card"),
    "reviewing.merge": lambda s, w: reviewing.merge(s, w.by, w.candidate.key, w.area.key),
    "changes.compose": lambda s, w: changes.compose(s, w.by, [Retire(w.tag.key)]),
    "changes.leave_out": lambda s, w: changes.leave_out(s, w.by, w.draft.key, 0),
    "changes.discard": lambda s, w: changes.discard(s, w.by, w.draft.key),
    "changes.propose": lambda s, w: changes.propose(s, w.by, w.draft.key, "Nobody uses it"),
    "changes.reword": lambda s, w: changes.reword(s, w.by, w.tag.key, 1, TagWords({"en": "Fee"})),
    "changes.reject": lambda s, w: changes.reject(s, w.by, w.proposed.key, "We do"),
    "changes.apply": lambda s, w: changes.apply(s, w.by, w.draft.key),
    "changes.apply_at_once": lambda s, w: changes.apply_at_once(s, w.by, [Retire(w.tag.key)]),
    "changes.undo": lambda s, w: changes.undo(s, w.by, w.applied.key),
    "changes.again": lambda s, w: changes.again(s, w.by, w.rejected.key),
    "tags.approve": lambda s, w: tags.approve(s, w.by, w.candidate.key),
    "tags.retire": lambda s, w: tags.retire(s, w.by, w.tag.key),
    "tags.restore": lambda s, w: tags.restore(s, w.by, w.retired.key),
    "schemes.add": lambda s, w: schemes.add(s, w.by, {"en": "Devices"}),
    "schemes.rename": lambda s, w: schemes.rename(s, w.by, "segment", {"en": "Devices"}),
    "schemes.set_rules": lambda s, w: schemes.set_rules(s, w.by, "segment", schemes.Rules(True)),
    "starters.add": lambda s, w: starters.add(s, w.by, "driver"),
    "schemes.free": lambda s, w: schemes.free(s, w.by),
    "participants.add": lambda s, w: participants.add(s, w.by, "returns", HEARD),
    "participants.add_many": lambda s, w: participants.add_many(s, w.by, "returns", [HEARD]),
    "participants.change": lambda s, w: participants.change(
        s, w.by, "returns", w.heard.id, 1, HEARD
    ),
    "participants.move": lambda s, w: participants.move(
        s, w.by, "returns", w.heard.id, 1, w.elsewhere.key
    ),
    "consent.remove": lambda s, w: consent.remove(s, w.by, "returns", w.heard.id, 1),
    "people.add": lambda s, w: people.add(s, w.by, "x@example.org", "X", "reader", make.HASH),
    "people.change": lambda s, w: people.change(s, w.by, w.olga.id, "Olga", "curator", True),
    "people.set_password": lambda s, w: people.set_password(s, w.by, w.olga.id, make.HASH),
    "people.end_sessions": lambda s, w: people.end_sessions(s, w.by, w.olga.id),
    "people.choose_language": lambda s, w: people.choose_language(s, w.by, "ru"),
    "people.name_repository": lambda s, w: people.name_repository(s, w.by, "Another name"),
    "policies.set_publishing": lambda s, w: policies.set_publishing(s, w.by, {"fact": "off"}),
    "sources.add": lambda s, w: make.source(s, w.by, study=w.study),
    "sources.remove": lambda s, w: sources.remove(s, w.by, w.source.key),
    "erasing.erase": lambda s, w: erasing.erase(s, w.by, w.lost.key),
    "sources.restore": lambda s, w: sources.restore(s, w.by, w.lost.key),
    "source_edits.describe": lambda s, w: source_edits.describe(
        s, w.by, w.source.key, w.source.version, DESCRIBED
    ),
    "source_edits.change_text": lambda s, w: source_edits.change_text(
        s, w.by, w.source.key, w.source.version, "Else"
    ),
    "source_edits.change_passage": lambda s, w: source_edits.change_passage(
        s, w.by, w.source.key, w.source.version, 0, "Else"
    ),
    "source_edits.replace_with": lambda s, w: source_edits.replace_with(
        s, w.by, w.source.key, w.source.version, composed("notes", [Turn("Else")])
    ),
    "rewording.write": lambda s, w: rewording.write(
        s, w.by, source_edits.plan_text(s, w.by, w.source.key, w.source.version, "Else")
    ),
    "rewording.note": lambda s, w: rewording.note(s, w.by, "edited", w.source, None, None),
    "source_edits.undo": lambda s, w: source_edits.undo(s, w.by, w.edited.key, w.edited.version),
    "speakers.people_called": lambda s, w: speakers.people_called(s, w.by, "returns", ["R-9"]),
    "speakers.assign": lambda s, w: speakers.assign(s, w.by, w.source.key, {"R-1": "R-9"}),
    "tokens.add": lambda s, w: tokens.add(s, w.by, w.by.id, "script"),
    "tokens.revoke": lambda s, w: tokens.revoke(s, w.by, w.token.id),
    "bulk.begin": lambda s, w: bulk.begin(s, w.by, [w.atom.id], [w.tag.id], []),
    "bulk.undo": lambda s, w: bulk.undo(s, w.by, w.tagged.id),
    "bulk.again": lambda s, w: bulk.again(s, w.by, w.broken.id),
    "bulk.go_on": lambda s, w: bulk.go_on(s, w.by, w.broken.id),
    "bulk.go_back": lambda s, w: bulk.go_back(s, w.by, w.undoing.id),
    "saved_searches.save": lambda s, w: saved_searches.save(s, w.by, "Fees", [("q", "fee")]),
    "saved_searches.change": lambda s, w: saved_searches.change(
        s, w.by, w.saved.key, 1, name="Fees", is_shared=True
    ),
    "saved_searches.remove": lambda s, w: saved_searches.remove(s, w.by, w.saved.key),
    "saved_searches.put_back": lambda s, w: saved_searches.put_back(s, w.by, w.gone.key),
    "bulk.settle": lambda s, w: bulk.settle(s, w.by, [w.atom.id], "archive"),
    "confirmations.confirm": lambda s, w: confirmations.confirm(s, w.by, w.atom.key),
    "confirmations.confirm_many": lambda s, w: confirmations.confirm_many(s, w.by, [w.atom.id], ""),
    "confirmations.withdraw": lambda s, w: confirmations.withdraw(
        s, w.by, w.atom.key, confirmations.confirm(s, w.by, w.atom.key)
    ),
    "confirmations.take_back": lambda s, w: confirmations.take_back(
        s, w.by, confirmations.confirm_many(s, w.by, [w.atom.id], "")
    ),
    "recommendations.set_stage": lambda s, w: recommendations.set_stage(
        s, w.by, w.advice.key, "accepted"
    ),
    "review_periods.set_others": lambda s, w: review_periods.set_others(s, w.by, 12),
    "review_periods.set_period": lambda s, w: review_periods.set_period(s, w.by, w.tag.key, 12),
    "follows.follow": lambda s, w: follows.follow(s, w.by, w.saved.key, []),
    "follows.unfollow": lambda s, w: follows.unfollow(s, w.by, w.followed.key),
    "feeds.make": lambda s, w: feeds.make(s, w.by, w.followed.key),
    "feeds.withdraw": lambda s, w: feeds.withdraw(s, w.by, w.followed.key),
    "report_writing.create": lambda s, w: report_writing.create(
        s, w.by, NewReport("list", "Fees", CLASSIC, atom_keys=[w.atom.key])
    ),
    "report_writing.of_study": lambda s, w: report_writing.of_study(s, w.by, w.elsewhere.key, "en"),
    "report_writing.retitle": lambda s, w: report_writing.retitle(s, w.by, w.report.key, 1, "New"),
    "report_writing.share": lambda s, w: report_writing.share(s, w.by, w.report.key, True),
    "report_writing.remove": lambda s, w: report_writing.remove(s, w.by, w.report.key),
    "report_writing.put_back": lambda s, w: report_writing.put_back(
        s, w.by, report_writing.remove(s, w.by, w.report.key).key
    ),
    "report_arranging.arrange": lambda s, w: report_arranging.arrange(
        s, w.by, w.report.key, [PartChoice("tags")]
    ),
    "report_arranging.write": lambda s, w: report_arranging.write(
        s, w.by, w.report.key, "summary", 1, PartWords(text="Short")
    ),
    "report_arranging.add_section": lambda s, w: report_arranging.add_section(
        s, w.by, w.report.key, PartWords(text="Mine")
    ),
    "report_arranging.remove_section": lambda s, w: report_arranging.remove_section(
        s,
        w.by,
        w.report.key,
        report_arranging.add_section(s, w.by, w.report.key, PartWords(text="Mine")).id,
    ),
    "report_arranging.use_template": lambda s, w: report_arranging.use_template(
        s, w.by, w.report.key, report_layouts.shipped("survey", "en")
    ),
    "report_arranging.ask": lambda s, w: report_arranging.ask(
        s, w.by, w.report.key, [(None, "Why?")]
    ),
    "report_picking.put": lambda s, w: report_picking.put(
        s, w.by, w.report.key, [w.atom.key], "hidden"
    ),
    "report_picking.pick": lambda s, w: report_picking.pick(s, w.by, w.report.key, [w.other.key]),
    "report_picking.drop": lambda s, w: report_picking.drop(s, w.by, w.report.key, [w.atom.key]),
    "report_templates.add": lambda s, w: report_templates.add(s, w.by, TEMPLATE),
    "report_templates.change": lambda s, w: report_templates.change(s, w.by, "survey", 0, TEMPLATE),
    "report_templates.remove": lambda s, w: report_templates.remove(
        s, w.by, report_templates.add(s, w.by, TEMPLATE).key
    ),
    "report_templates.put_back": lambda s, w: report_templates.put_back(
        s,
        w.by,
        report_templates.remove(s, w.by, report_templates.add(s, w.by, TEMPLATE).key).key,
    ),
    "briefs.save": lambda s, w: briefs.save(s, w.by, "Why?", briefs.Content()),
    "briefs.decide": lambda s, w: briefs.decide(s, w.by, w.brief.key, 1, briefs.Decision("enough")),
    "briefs.start": lambda s, w: briefs.start(s, w.by, "new", studies.ready(STUDY)),
    "briefs.attach": lambda s, w: briefs.attach(s, w.by, w.study, w.brief.key),
    "briefs.remove": lambda s, w: briefs.remove(s, w.by, w.brief.key),
    "report_versions.publish": lambda s, w: frozen.version(s, w.by, w.report, [w.atom]),
    "report_redaction.take_out": lambda s, w: (
        frozen.version(s, w.by, w.report, [w.atom]),
        report_redaction.take_out(s, w.by, w.report.key, w.atom.key),
    ),
    "shares.make": lambda s, w: shared(s, w),
    "shares.revoke": lambda s, w: shares.revoke(s, w.by, w.report.key, shared(s, w)),
    "briefs.restore": lambda s, w: briefs.restore(s, w.by, briefs.remove(s, w.by, w.brief.key).key),
    "requests.ask": lambda s, w: requests.ask(s, w.by, requests.Request("Why?", "We do"), "/"),
    "misses.settle": lambda s, w: misses.settle(s, w.by, missed(s).id),
    "misses.reopen": lambda s, w: misses.reopen(s, w.by, missed(s, settled_at=now()).id),
    "jobs.start": lambda s, w: jobs.start(s, w.by, "index.rebuild"),
}
GOVERNING = {
    name
    for name in VERBS
    if name.startswith(("tags.", "schemes.", "starters."))
    or name in ("tagging.named", "study_tags.put")
} | {"changes.apply", "changes.apply_at_once", "changes.reword", "changes.undo"}
INDEXED = {
    "atom_files.attach",
    "atom_files.choose",
    "atom_files.take_off",
    "atoms.log",
    "atoms.edit",
    "atoms.set_status",
    "bulk.begin",
    "bulk.settle",
    "bulk.undo",
    "bulk.go_on",
    "bulk.go_back",
    "changes.undo",
    "tagging.put",
    "tagging.write",
    "rules.retag",
}
# What writes nothing that a team would ask about later.
NO_VERBS = {
    "anchors.require_first",  # it waits for others, and writes nothing
    "notices.read_all",  # what a person has looked at is their own affair
    # So is what they have typed and not sent: nobody else ever sees it.
    "scratch.keep",
    "scratch.throw_away",
    "history.record",
    # What a change set does as a whole, and what its preview takes back.
    "change_runs.carry_out",
    "change_runs.take_back",
    "change_runs.note",
    "change_steps.carry_out",
    "retagging.put_on",
    # A part of a work on many claims, which tells of all of it.
    "settling.do",
    "settling.take_back",
    "retagging.touch",
    "tags.begin",
    "history.record_many",
    # What becomes of quotes when participants come, change their code, or go.
    "heard.claim",
    "heard.rename",
    "heard.release",
    "report_redaction.forget",
    "indexing.enqueue",
    "indexing.enqueue_import",
    # A file comes in by all of these together; tests/core/test_imports.py reads what it left.
    "import_runs.begin",
    "import_runs.keep_made",
    "import_runs.complete",
    "import_writing.write_new",
    "import_writing.update",
    "import_grounds.keep_back",
    "publishing.require",  # a line more of what publishes an atom
    "tagging.put_on_new",
    "rules.mark_new",
}


@pytest.fixture
def world(session: Session, curator: Person, researcher: Person, reader: Person) -> SimpleNamespace:
    by = make.person(session, "Vera", "admin")
    anna = make.person(session, "Anna", "reader")
    study = make.study(session, by)
    studies.add_member(session, by, study.key, anna.email, may_edit=False)
    area = make.tag(session, by, "Payment")
    retired = make.tag(session, by, "Fax")
    tags.retire(session, by, retired.key)
    kept = [
        saved_searches.save(session, by, name, [("q", name)]) for name in ("saved", "gone", "told")
    ]
    saved_searches.remove(session, by, kept[1].key)
    follows.follow(session, by, kept[2].key, [])
    atom, other = (make.atom(session, by, title, study) for title in ("One", "Two"))
    source, lost, edited = (make.source(session, by, study=study) for _ in range(3))
    sources.remove(session, by, lost.key)
    source_edits.change_text(session, by, edited.key, 1, "Edited")
    return SimpleNamespace(
        by=by,
        source=source,
        shot=make.shot(session, by, study, KEPT),
        lost=lost,
        edited=edited,
        olga=reader,
        anna=anna,
        study=study,
        report=report_writing.create(
            session, by, NewReport("list", "Report", CLASSIC, atom_keys=[atom.key])
        ),
        elsewhere=make.study(session, by, "elsewhere"),
        brief=briefs.save(session, by, "Why do people leave?", briefs.Content()),
        heard=participants.add(session, by, study.key, participants.ParticipantValues(code="R-01")),
        area=area,
        retired=retired,
        atom=atom,
        other=other,
        advice=make.atom(session, by, "Say when", study, kind="recommendation"),
        tag=make.tag(session, by, "Fees"),
        placed=make.tag(session, by, "Card", under=area),
        candidate=make.candidate(session, researcher, "Cash"),
        link=make.link(session, by, atom, other),
        **change_sets(session, by, researcher, area, other),
        **taggings(session, by, study, area),
        token=tokens.add(session, by, by.id, "old script")[0],
        **dict(zip(("saved", "gone", "followed"), kept, strict=True)),
    )


def change_sets(
    session: Session, by: Person, researcher: Person, area: Tag, atom: Atom
) -> dict[str, ChangeSet]:
    """One of each standing."""

    def composed(who: Person, word: str) -> ChangeSet:
        return changes.compose(session, who, [AddLabel(area.key, "en", word)])

    proposed, rejected = composed(researcher, "paying"), composed(researcher, "to pay")
    for one in (proposed, rejected):
        changes.propose(session, researcher, one.key, "People say so")
    changes.reject(session, by, rejected.key, "They do not")
    applied = changes.apply_at_once(session, by, [Retag([atom.id], add=[area.key])])
    return {
        "draft": composed(by, "payments"),
        "proposed": proposed,
        "rejected": rejected,
        "applied": applied,
    }


def taggings(session: Session, by: Person, study: Study, area: Tag) -> dict[str, BulkTagging]:
    """Tags for many findings: done, broken off, and broken off while it was taken back."""
    found = {}
    for name, status in (("tagged", "done"), ("broken", "running"), ("undoing", "undoing")):
        atom = make.atom(session, by, f"To be {name}", study)
        made = bulk.begin(session, by, [atom.id], [area.id], [])
        if name == "broken":
            session.exec(select(BulkStep).where(BulkStep.bulk_id == made.id)).one().told = None
            tagging.put(session, by, atom, [])
        made.status = status
        found[name] = made
        session.flush()
    return found


def shared(session: Session, world: SimpleNamespace) -> int:
    """A link to a frozen version."""
    frozen.version(session, world.by, world.report, [world.atom])
    return shares.make(session, world.by, world.report.key, 1, "Agency")[0].id


def missed(session: Session, **values: Any) -> SearchMiss:
    """Words that somebody searched and did not find."""
    row = SearchMiss(folded="giraffe", text="Giraffe", last_on=now().date(), **values)
    session.add(row)
    session.flush()
    return row


def lines(session: Session) -> list[History]:
    return list(session.exec(select(History).order_by(History.id)))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_says_who_did_it_when_and_to_what(
    session: Session, world: SimpleNamespace, name: str
) -> None:
    before, edition = len(lines(session)), indexing.vocabulary_edition(session)
    queued = len(session.exec(select(IndexQueue)).all())
    started = now()
    VERBS[name](session, world)
    session.flush()
    written = lines(session)[before:]
    assert written, f"{name} left no line"
    for line in written:
        assert line.person_id == world.by.id
        assert started <= line.at <= now()
        assert line.verb
        assert line.noun_id > 0
    if name in GOVERNING:
        assert indexing.vocabulary_edition(session) > edition, f"{name} raised no edition"
    if name in INDEXED:
        assert len(session.exec(select(IndexQueue)).all()) > queued, f"{name} queued nothing"


def test_no_verb_is_missing_from_the_table() -> None:
    found = set()
    for module in pkgutil.iter_modules(core.__path__):
        room = importlib.import_module(f"research_repo.core.{module.name}")
        for name, function in inspect.getmembers(room, inspect.isfunction):
            if function.__module__ != room.__name__ or name.startswith("_"):
                continue
            if list(inspect.signature(function).parameters)[:2] != ["session", "by"]:
                continue
            if writes(function):
                found.add(f"{module.name}.{name}")
    assert found - set(VERBS) - NO_VERBS == set()
    assert len(found) > 20


def writes(function: Callable[..., object], depth: int = 3) -> bool:
    """Whether a function, or one of its own module that it calls, adds, deletes or records."""
    source = inspect.getsource(function)
    marks = ("session.add", "session.delete", "delete(", "update(", "insert(", "history.record")
    if any(mark in source for mark in marks):
        return True
    room = inspect.getmodule(function)
    called = (
        other
        for name, other in inspect.getmembers(room, inspect.isfunction)
        if re.search(rf"(?<![\w.]){name}\(", source)
        and other is not function
        and inspect.getmodule(other) is room
    )
    return depth > 0 and any(writes(other, depth - 1) for other in called)


def test_history_and_change_are_kept_or_lost_together(database: Database) -> None:
    with database.saving() as session:
        petr = make.person(session, "Petr", "researcher")
        before = len(lines(session))
    with pytest.raises(ZeroDivisionError):
        _log_and_fail(database, petr)
    with database.reading() as session:
        assert len(lines(session)) == before
        assert indexing.newest_waiting(session) == 0


def _log_and_fail(database: Database, by: Person) -> None:
    with database.saving() as session:
        make.atom(session, by, "People leave", kind="insight")
        raise ZeroDivisionError


def test_a_redacted_line_says_that_something_happened_and_no_longer_what(
    session: Session, researcher: Person
) -> None:
    atom = make.atom(session, researcher, "Canary", kind="insight")
    payload = session.exec(
        select(HistoryPayload)
        .join(History)
        .where(History.noun_id == atom.id, History.verb == "logged")
    ).one()
    payload.before, payload.after, payload.redacted_at = None, None, now()
    session.flush()
    (change,) = history.of(session, "atom", [atom.id])
    assert (change.verb, change.who, change.is_redacted) == ("logged", "Marina", True)
    assert "Canary" not in repr(change)


def test_changes_come_newest_first_with_their_values(session: Session, researcher: Person) -> None:
    atom = make.atom(session, researcher, "One", kind="insight")
    atoms.edit(
        session, researcher, atom.key, 1, atoms.ready(AtomValues(kind="insight", title="Два"))
    )
    edited, logged = history.of(session, "atom", [atom.id])
    assert (edited.before["title"], edited.after["title"]) == ("One", "Два")
    assert (logged.before, logged.after["title"]) == (None, "One")
    assert history.of(session, "atom", [atom.id], limit=1) == [edited]
    assert history.of(session, "study", [atom.id]) == []
    assert history.of(session, "atom", []) == []
