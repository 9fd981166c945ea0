"""The whole repository in one file."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from research_repo.core import (
    archive,
    change_lines,
    changes,
    history,
    imports,
    instance,
    jobs,
    links,
    people,
    studies,
    tags,
    tokens,
    transfer,
)
from research_repo.core.clock import now
from research_repo.core.db import Database
from research_repo.core.errors import Invalid
from research_repo.core.import_terms import Row, Terms
from research_repo.core.models import (
    NOTE_KINDS,
    ApiToken,
    Atom,
    AtomNotApplicable,
    AtomTag,
    Attachment,
    Brief,
    BulkStep,
    BulkTagging,
    ChangeSet,
    Confirmation,
    Evidence,
    Follow,
    History,
    ImportedRow,
    ImportRun,
    Participant,
    Passage,
    Person,
    Policy,
    Question,
    Recommendation,
    Report,
    ReportAtom,
    ReportCitation,
    ReportGround,
    ReportTemplate,
    ReportVersion,
    ReviewPeriod,
    SavedSearch,
    Scheme,
    SearchMiss,
    Source,
    Study,
    StudyTag,
    Tag,
    TagNote,
    TagRelated,
    metadata,
)
from research_repo.settings import Settings
from tests import engines, frozen, make

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20
)


FEED_HASH = "f" * 64


def rows(file: Path) -> list[str]:
    with zipfile.ZipFile(file) as packed:
        return packed.read(transfer.ROWS).decode().splitlines()


def fresh(folder: Path, url: str = "") -> Database:
    return instance.open_instance(Settings(instance=folder, database_url=url))


def moved(source: Database, target: Database, file: Path) -> Database:
    """The target, after everything came there in the file."""
    transfer.export_all(source, file)
    transfer.import_all(target, file)
    return target


def fill(session: Session, words: list[str]) -> Person:
    marina = make.person(session, "Marina", "curator")
    study = make.study(session, marina, questions=["Why?"], summary="**Big**")
    area = make.tag(session, marina, "Area")
    for number, text in enumerate(filter(str.strip, words)):
        tag = make.tag(session, marina, f"Tag {number}", under=area, also=[f"word {number}"])
        merged = make.tag(session, marina, f"Old {number}")
        fact = make.atom(
            session, marina, f"{number}: {text}", study, body=f"# {text}\n'{text}' \"&\"", quote=text,
            tags=[tag, merged],
        )  # fmt: skip
        merged.replaced_by = tag.id
        insight = make.atom(session, marina, f"I {number}", study, kind="insight", status="draft")
        make.link(session, marina, fact, insight)
        tags.retire(session, marina, tag.key)
    tokens.add(session, people.system(session), marina.id, "nightly")
    session.flush()
    fill_the_rest(session, marina, study)
    return marina


def fill_the_rest(session: Session, marina: Person, study: Study) -> None:
    """A row in each table that holds what a team wrote."""
    olga = make.person(session, "Olga", "reader")
    studies.add_member(session, marina, study.key, olga.email, may_edit=False)
    olga.is_active = False
    olga.created_at -= timedelta(days=400, microseconds=7)
    (question,) = session.exec(select(Question).where(Question.study_id == study.id)).all()
    atom = make.atom(session, marina, "Drawn", study, tags=["other"], question_ids=[question.id])
    atom.created_at -= timedelta(days=30)
    number = Evidence(atom_id=atom.id, kind="number", number=0.1, unit="%", n=12)
    run = ImportRun(person_id=marina.id, file_name="a.csv", completed_at=atom.created_at)
    session.add_all([number, run])
    session.flush()
    one, other = (make.tag(session, marina, text) for text in ("One", "Two"))
    scheme = session.exec(select(Scheme).where(Scheme.key == "segment")).one()
    scheme.is_single, scheme.is_required, scheme.kinds = True, True, ["recommendation"]
    scheme.who_may_add, scheme.steward_id = "review", marina.id
    session.add(
        SavedSearch(id=1, key="s1", person_id=marina.id, name="Мои", wanted=[["q", "возврат"]])
    )
    tagging = BulkTagging(person_id=marina.id, added=[one.id], removed=[other.id], total=1)
    session.add(tagging)
    session.flush()
    participant = Participant(study_id=study.id, code="Р-07", folded_code="р-07")
    session.add(participant)
    session.flush()
    heard: dict[str, Any] = {"participant_id": participant.id}
    source = Source(
        key="t1",
        study_id=study.id,
        kind="notes",
        title="№ 7",
        text="Жду",
        person_id=marina.id,
        **heard,
    )
    session.add(source)
    session.flush()
    session.add(Passage(source_id=source.id, position=0, start=0, end=3, from_ms=1500, **heard))
    images = [["atom_tag", None, {"atom_id": atom.id, "tag_id": one.id}]]
    session.add_all(
        [
            BulkStep(bulk_id=tagging.id, position=0, atom_ids=[atom.id], images=images, changed=1),
            ImportedRow(atom_id=atom.id, identity="i", content="c"),
            TagRelated(one_id=one.id, other_id=other.id),
            StudyTag(study_id=study.id, tag_id=one.id, person_id=marina.id),
            AtomNotApplicable(atom_id=atom.id, scheme_id=scheme.id, person_id=marina.id),
            ChangeSet(
                key="c1", lines=[{"do": "merge", "tags": ["а", None]}], person_id=marina.id,
                status="applied", decided_by=marina.id, decided_at=now(), images={"before": [1.5]},
            ),
            ChangeSet(key="c2", lines=[], person_id=marina.id),
            Follow(
                saved_search_id=1, person_id=marina.id, known=[1, 2], found=[[2, "2026-01-01"]],
                feed_hash=FEED_HASH,
            ),
            Attachment(hash="0" * 64, media_type="image/png", size=1),
            Recommendation(
                atom_id=atom.id, stage="done", url="https://t.example/1", note="Да",
                changed_by=marina.id,
            ),
            Confirmation(atom_id=atom.id, person_id=marina.id, note="Всё так же"),
            Policy(name="publishing", value={"fact": "warn"}),
            ReviewPeriod(tag_id=one.id, months=9),
            SearchMiss(folded="рефанд", text="Рефанд", last_on=now().date()),
            *(
                TagNote(tag_id=one.id, kind=kind, language=language, text=f"«{kind}»")
                for kind in NOTE_KINDS
                for language in ("en", "ru")
            ),
        ]
    )  # fmt: skip
    session.flush()
    fill_reports(session, marina, study, atom, one)


def fill_reports(session: Session, marina: Person, study: Study, atom: Atom, tag: Tag) -> None:
    report = Report(
        key="r1", scope="tag", tag_id=tag.id, title="Возвраты", owner_id=marina.id,
        wanted=[["tag", "x"]], layout=[{"name": "summary", "text": "**Коротко**"}],
    )  # fmt: skip
    session.add(report)
    session.flush()
    version = ReportVersion(
        report_id=report.id, number=1, title="Возвраты", language="ru", content={"title": "Ё"},
        atom_count=1, person_id=marina.id,
    )  # fmt: skip
    session.add(version)
    session.flush()
    session.add_all(
        [
            ReportAtom(report_id=report.id, atom_id=atom.id, place="also", position=0),
            ReportTemplate(key="interviews", name="Интервью", layout=[]),
            ReportCitation(version_id=version.id, atom_id=atom.id, atom_version=1),
            ReportGround(version_id=version.id, study_id=study.id),
            Brief(
                key="b1", question="Почему?", language="ru", content={"insights": [atom.id]},
                person_id=marina.id, decision="enough", decided_by=marina.id, study_id=study.id,
            ),
        ]
    )  # fmt: skip
    session.flush()


@pytest.fixture
def filled(database: Database) -> Database:
    with database.saving() as session:
        fill(session, ["late", "Возврат"])
    return database


@pytest.fixture
def file(filled: Database, tmp_path: Path) -> Path:
    file = tmp_path / "everything.zip"
    transfer.export_all(filled, file)
    return file


@settings(max_examples=4, deadline=None)
@given(words=st.lists(TEXT, max_size=3))
def test_an_empty_instance_becomes_equal(words):
    with TemporaryDirectory() as name:
        folder = Path(name)
        source, target = fresh(folder / "a"), fresh(folder / "b")
        with source.saving() as session:
            fill(session, words)
        moved(source, target, folder / "a.zip")
        transfer.export_all(target, folder / "b.zip")
        source.close()
        target.close()
        assert rows(folder / "a.zip") == rows(folder / "b.zip")


def test_no_table_and_no_column_is_forgotten(file: Path) -> None:
    """Whoever adds a table fills it above, or says why it stays behind."""
    carried: dict[str, set[str]] = {}
    for line in map(json.loads, rows(file)):
        carried.setdefault(line["table"], set()).update(line["row"])
    assert {"api_token", "index_queue", "job", "scratch", "share"} == transfer.LEFT_OUT
    wanted = {
        name: table for name, table in metadata.tables.items() if name not in transfer.LEFT_OUT
    }
    assert carried == {name: set(table.columns.keys()) for name, table in wanted.items()}


def test_the_addresses_of_feeds_stay_behind_and_come_in_from_nowhere(
    file: Path, filled: Database, tmp_path: Path
) -> None:
    assert FEED_HASH not in "".join(rows(file))
    with filled.reading() as session:
        (kept,) = session.exec(select(Follow)).all()
        assert kept.feed_hash == FEED_HASH
    forged = transfer.WITHHELD
    transfer.WITHHELD = {}
    try:
        transfer.export_all(filled, tmp_path / "forged.zip")
    finally:
        transfer.WITHHELD = forged
    assert FEED_HASH in "".join(rows(tmp_path / "forged.zip"))
    target = fresh(tmp_path / "moved")
    transfer.import_all(target, tmp_path / "forged.zip")
    with target.reading() as session:
        (kept,) = session.exec(select(Follow)).all()
        assert (kept.feed_hash, kept.known) == (None, [1, 2])
    target.close()


def test_somebody_shut_out_stays_out_and_moments_stay_what_they_were(
    file: Path, filled: Database, tmp_path: Path
) -> None:
    target = fresh(tmp_path / "moved")
    transfer.import_all(target, file)
    with filled.reading() as before, target.reading() as after:
        for noun in (Person, Atom, Study, Tag, History):
            made = select(noun).order_by(noun.id)  # type: ignore[arg-type]
            for old, new in zip(before.exec(made), after.exec(made), strict=True):
                assert old == new
        olga = people.by_email(after, "olga@example.org")
        assert olga
        assert not olga.is_active
        assert not people.proves(olga, make.PASSWORD)
    target.close()


def test_a_file_that_was_imported_before_the_move_is_known_after_it(
    database: Database, tmp_path: Path
) -> None:
    found = [
        Row(2, {"title": "Кнопку не видят", "quote": "Где она?", "source": "P3"}),
        Row(3, {"title": "Late", "external_id": "7", "tags": "Delay"}),
    ]

    def bring(where: Database, *given: Row) -> tuple[int, int, int]:
        with where.reading() as session:
            by = people.system(session)
        done = imports.run(where, by, lambda: given, Terms(file_name="a.csv", study_key="returns"))
        return done.created, done.updated, done.unchanged

    assert bring(database, *found) == (2, 0, 0)
    target = moved(database, fresh(tmp_path / "moved"), tmp_path / "a.zip")
    assert bring(target, *found) == (0, 0, 2)
    changed = Row(3, {"title": "Too late", "external_id": "7", "tags": "Delay"})
    assert bring(target, found[0], changed) == (0, 1, 1)
    target.close()


def test_what_history_tells_of_is_never_taken_for_something_new(
    filled: Database, tmp_path: Path
) -> None:
    with filled.saving() as session:
        system, marina = people.system(session), people.by_email(session, "marina@example.org")
        assert marina
        marina_id = marina.id
        newest_job = jobs.start(session, system, "index.rebuild").id
        newest_token = max(session.exec(select(ApiToken.id)))
        gone = make.link(
            session, system, *(make.atom(session, system, title) for title in ("From", "To"))
        )
        links.remove(session, system, gone.id)
        retire = change_lines.Retire(make.tag(session, system, "Fax").key)
        draft = changes.compose(session, system, [retire])
        newest_draft = draft.id
        changes.discard(session, system, draft.key)
    target = moved(filled, fresh(tmp_path / "moved"), tmp_path / "a.zip")
    with target.saving() as session:
        marina = people.get(session, marina_id)
        token, _ = tokens.add(session, people.system(session), marina_id, "nightly")
        assert token.id > newest_token
        assert len(history.of(session, "api_token", [token.id])) == 1
        assert jobs.start(session, people.system(session), "index.rebuild").id > newest_job
        again = changes.compose(session, marina, [retire])
        assert again.id > newest_draft
    target.close()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR")
@engines.on_sqlite
def test_a_repository_goes_to_postgresql_and_back_unchanged(
    filled: Database, tmp_path: Path
) -> None:
    with engines.postgresql() as server, engines.fresh_database(server=server) as url:
        there = moved(filled, fresh(tmp_path / "there", url), tmp_path / "1.zip")
        assert not there.is_sqlite
        back = moved(there, fresh(tmp_path / "back"), tmp_path / "2.zip")
        transfer.export_all(back, tmp_path / "3.zip")
        assert rows(tmp_path / "1.zip") == rows(tmp_path / "2.zip") == rows(tmp_path / "3.zip")
        with there.saving() as session:
            marina = people.by_email(session, "marina@example.org")
            assert marina
            make.atom(session, marina, "Work goes on there", tags=["a new word"])
        with pytest.raises(Invalid):
            transfer.import_all(there, tmp_path / "1.zip")
        there.close()
        back.close()


def test_people_tags_as_they_are_and_history_come_along_and_tokens_do_not(
    file: Path, tmp_path: Path
) -> None:
    target = fresh(tmp_path / "moved")
    transfer.import_all(target, file)
    with target.reading() as session:
        marina = session.exec(select(Person).where(Person.name == "Marina")).one()
        assert marina.password_hash == make.HASH.hash
        assert session.exec(select(Tag).where(Tag.replaced_by != None)).all()  # noqa: E711
        assert len(session.exec(select(AtomTag)).all()) == 5
        assert session.exec(select(ApiToken)).all() == []
    with target.saving() as session:
        make.atom(session, session.merge(marina), "Work goes on")
    target.close()


def test_only_an_empty_instance_takes_it(file: Path, filled: Database) -> None:
    with pytest.raises(Invalid):
        transfer.import_all(filled, file)


def test_a_file_is_never_replaced_and_only_its_owner_reads_it(file: Path, filled: Database) -> None:
    with pytest.raises(Invalid):
        transfer.export_all(filled, file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert not list(file.parent.glob(".export-*"))


def repacked(file: Path, change, schema: str = "", counted: bool = False) -> Path:
    """A file whose rows were changed by somebody who knows the format."""
    lines = [json.loads(line) for line in rows(file)]
    told = change(lines) or lines
    source = file.with_name("rows")
    source.write_text("".join(json.dumps(line) + "\n" for line in told))
    with zipfile.ZipFile(file) as packed:
        manifest = json.loads(packed.read(archive.MANIFEST))
    manifest["schema"] = schema or manifest["schema"]
    if counted:
        found = Counter(line["table"] for line in told)
        manifest["counts"] = {name: found[name] for name in manifest["counts"]}
    out = file.with_name("changed.zip")
    contents = archive.pack(out, {transfer.ROWS: source}, archive.unwatched)
    manifest["files"] = {
        name: {"size": one.size, "sha256": one.sha256} for name, one in contents.items()
    }
    with zipfile.ZipFile(out, "a") as packed:
        packed.writestr(archive.MANIFEST, json.dumps(manifest))
    return out


def test_a_file_of_an_older_version_gets_what_has_come_since(file: Path, tmp_path: Path) -> None:
    since = {"tag_related", "study_tag", "atom_not_applicable", "change_set"}
    since |= {"saved_search", "follow", "search_miss"}
    rules = ("is_single", "kinds", "is_required", "who_may_add", "steward_id")

    def age(lines):
        for line in lines:
            if line["table"] == "scheme":
                for column in rules:
                    del line["row"][column]
            if line["table"] == "tag_note":
                del line["row"]["kind"]
        return [
            line
            for line in lines
            if line["table"] not in since
            and not (line["table"] == "tag_note" and "scope" not in line["row"]["text"])
        ]

    target = fresh(tmp_path / "moved")
    transfer.import_all(target, repacked(file, age, schema="0002", counted=True))
    with target.reading() as session:
        scheme = session.exec(select(Scheme).where(Scheme.key == "segment")).one()
        assert [getattr(scheme, column) for column in rules] == [False, [], False, "anyone", None]
        assert {note.kind for note in session.exec(select(TagNote))} == {"scope"}
    target.close()


def test_a_file_of_a_newer_version_is_refused_as_such(file: Path, tmp_path: Path) -> None:
    target = fresh(tmp_path / "moved")
    with pytest.raises(Invalid, match="newer version"):
        transfer.import_all(target, repacked(file, lambda lines: None, schema="9999"))
    target.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines.pop(),
        lambda lines: lines[-1]["row"].update(unknown=1),
        lambda lines: lines[-1].update(table="sqlite_master"),
        lambda lines: (
            [line["row"].update(title=5) for line in lines if line["table"] == "atom"] and None
        ),
        lambda lines: (
            [line["row"].update(study_id=99) for line in lines if line["table"] == "atom"] and None
        ),
        lambda lines: (
            [line["row"].update(kind="?") for line in lines if line["table"] == "atom"] and None
        ),
        lambda lines: [5],
    ],
)
def test_a_broken_file_writes_nothing(file: Path, tmp_path: Path, change) -> None:
    target = fresh(tmp_path / "moved")
    transfer.export_all(target, tmp_path / "before.zip")

    def spoil(lines):
        made = change(lines)
        return made if isinstance(made, list) else None

    with pytest.raises(Invalid):
        transfer.import_all(target, repacked(file, spoil))
    transfer.export_all(target, tmp_path / "after.zip")
    target.close()
    assert rows(tmp_path / "before.zip") == rows(tmp_path / "after.zip")


def test_what_is_no_export_is_refused(file: Path, tmp_path: Path) -> None:
    target = fresh(tmp_path / "moved")
    whole = file.read_bytes()
    bad = tmp_path / "bad.zip"
    for content in (b"", b"PK", whole[:-40], whole[: len(whole) // 2]):
        bad.write_bytes(content)
        with pytest.raises(Invalid):
            transfer.import_all(target, bad)
    with pytest.raises(Invalid):
        transfer.import_all(target, tmp_path / "nowhere.zip")
    target.close()


def test_more_than_was_announced_is_refused(file: Path, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(file) as packed, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(transfer.ROWS, b"0" * (50 << 20))
        out.writestr(archive.MANIFEST, packed.read(archive.MANIFEST))
    target = fresh(tmp_path / "moved")
    with pytest.raises(Invalid):
        transfer.import_all(target, bomb)
    target.close()


def test_html_that_was_put_into_the_file_does_not_run(file: Path, tmp_path: Path) -> None:
    def spoil(lines):
        for line in lines:
            if line["table"] == "atom":
                line["row"]["body_html"] = "<p onclick=x>Hi<script>alert(1)</script></p>"

    target = fresh(tmp_path / "moved")
    transfer.import_all(target, repacked(file, spoil))
    with target.reading() as session:
        assert set(session.exec(select(Atom.body_html))) == {"<p>Hi</p>"}
    target.close()


def test_html_in_a_frozen_report_of_the_file_does_not_run(filled: Database, tmp_path: Path) -> None:
    with filled.saving() as session:
        by = people.system(session)
        atom = session.exec(select(Atom).where(Atom.status == "published")).first()
        assert atom is not None
        frozen.version(session, by, frozen.row(session, by), [atom])
    file = tmp_path / "with a version.zip"
    transfer.export_all(filled, file)

    def spoil(lines):
        for line in lines:
            if line["table"] == "report_version" and "sections" in line["row"]["content"]:
                line["row"]["content"]["sections"][0]["html"] = "<p onclick=x>Hi<script>1</script>"

    target = fresh(tmp_path / "moved")
    transfer.import_all(target, repacked(file, spoil))
    with target.reading() as session:
        contents = session.exec(select(ReportVersion.content)).all()
        (section, *_) = next(one["sections"] for one in contents if "sections" in one)
    assert section["html"] == "<p>Hi</p>"
    target.close()
