"""Files as evidence of claims: chosen by the team, seen by whoever sees the claim."""

from __future__ import annotations

import pytest

from research_repo.core import atom_files, atoms, cards, evidence, sources, timeline
from research_repo.core.attachments import Kept
from research_repo.core.errors import Invalid, NotAllowed, NotFound
from research_repo.core.evidence import EvidenceValues
from tests import make

PICTURE = Kept("a" * 64, "image/png", 10)
PDF = Kept("b" * 64, "application/pdf", 20)


def files(session, atom):
    return [one for one in evidence.of_atom(session, atom.id) if one.kind == "file"]


def test_whoever_sees_the_claim_sees_its_file_and_nobody_else(session, researcher, reader):
    study = make.study(session, researcher)
    closed = make.study(session, researcher, "closed", access="members")
    seen, hidden = (make.atom(session, researcher, "One", one) for one in (study, closed))
    one, other = (
        atom_files.attach(session, researcher, atom.key, PICTURE, "../The page.jpeg", "Before")
        for atom in (seen, hidden)
    )
    attachment, name = atom_files.shown(session, reader, seen.key, one.id)
    assert (attachment.hash, name) == (PICTURE.hash, "The page.png")
    assert one.attachment_id == other.attachment_id
    for key, evidence_id in ((hidden.key, other.id), (seen.key, other.id), (seen.key, 9999)):
        with pytest.raises(NotFound):
            atom_files.shown(session, reader, key, evidence_id)


def test_a_form_that_does_not_show_files_takes_none_away(session, researcher):
    atom = make.atom(session, researcher, "One", quote="Weeks!")
    atom_files.attach(session, researcher, atom.key, PICTURE, "a.png")
    values = atoms.AtomValues(title="Two", study_key=make.DEFAULT_STUDY)
    atoms.edit(session, researcher, atom.key, atom.version, atoms.ready(values))
    assert [one.attachment_id is not None for one in files(session, atom)] == [True]
    assert len(evidence.of_atom(session, atom.id)) == 1


def test_a_file_with_a_caption_stands_in_the_way_of_no_program_that_sends_the_evidence_back(
    session, researcher
):
    atom = make.atom(session, researcher, "One", quote="Weeks!")
    study = make.default_study(session, researcher)
    shot = make.shot(session, researcher, study, PICTURE)
    piece = atom_files.choose(session, researcher, atom.key, shot.key, "Before")
    standing = evidence.of_atom(session, atom.id)
    back = [EvidenceValues(kind=one.kind, text=one.text, id=one.id) for one in standing]
    pieces, problem = evidence.checked(back)
    assert problem is None
    evidence.write(session, atom.id, pieces)
    (kept,) = files(session, atom)
    assert (kept.id, kept.text, kept.source_id) == (piece.id, "Before", shot.id)
    assert kept.attachment_id == piece.attachment_id


def test_a_file_taken_off_is_gone_from_the_claim_and_told_in_its_history(session, researcher):
    atom = make.atom(session, researcher, "One")
    piece = atom_files.attach(session, researcher, atom.key, PDF, "report.PDF")
    assert piece.file_name == "report.pdf"
    assert atom_files.attach(session, researcher, atom.key, PDF, "again.pdf").id == piece.id
    atom_files.take_off(session, researcher, atom.key, piece.id)
    assert not files(session, atom)
    assert atom.version == 3
    with pytest.raises(NotFound):
        atom_files.take_off(session, researcher, atom.key, piece.id)


def test_the_team_chooses_from_the_files_of_the_claims_own_study(session, researcher):
    mine = make.study(session, researcher)
    other = make.study(session, researcher, "other")
    colleague = make.person(session, "Petr", "researcher")
    atom = make.atom(session, colleague, "One", mine)
    shot = make.shot(session, researcher, mine, PICTURE, "The page")
    lost = make.shot(session, researcher, mine, PDF, "Lost")
    sources.remove(session, researcher, lost.key)
    make.shot(session, researcher, other, PDF, "Elsewhere")
    make.source(session, researcher, study=mine)
    assert [one.title for one in atom_files.to_choose(session, researcher, atom)] == ["The page"]
    assert atom_files.to_choose(session, colleague, atom) == []
    with pytest.raises(NotFound):
        atom_files.choose(session, colleague, atom.key, shot.key)
    own = make.atom(session, researcher, "Two", mine)
    for source in (lost, make.source(session, researcher, study=mine)):
        with pytest.raises(Invalid):
            atom_files.choose(session, researcher, own.key, source.key)
    piece = atom_files.choose(session, researcher, own.key, shot.key)
    assert (piece.source, piece.file_name) == ("The page", "The page.png")
    assert atom_files.to_choose(session, researcher, own) == []


def test_only_who_may_change_a_claim_adds_files(session, researcher, reader):
    atom = make.atom(session, researcher, "One")
    piece = atom_files.attach(session, researcher, atom.key, PICTURE, "a.png")
    for by in (reader, make.person(session, "Petr", "researcher")):
        with pytest.raises(NotAllowed):
            atom_files.attach(session, by, atom.key, PDF, "a.pdf")
        with pytest.raises(NotAllowed):
            atom_files.take_off(session, by, atom.key, piece.id)


def test_a_caption_and_the_number_of_files_have_an_end(session, researcher, monkeypatch):
    atom = make.atom(session, researcher, "One")
    with pytest.raises(Invalid):
        atom_files.attach(session, researcher, atom.key, PDF, "a.pdf", "x" * 501)
    monkeypatch.setattr(atom_files, "PIECES_MAX", 0)
    with pytest.raises(Invalid):
        atom_files.attach(session, researcher, atom.key, PDF, "a.pdf")


def test_history_names_the_file(session, researcher):
    atom = make.atom(session, researcher, "One")
    atom_files.attach(session, researcher, atom.key, PDF, "report.pdf")
    events = timeline.of_atom(session, researcher, atom.id, "en")
    assert "report.pdf" in str(events[0].fields)
    assert cards.of_atom(session, researcher, atom.key, "en").evidence[0].file_name == "report.pdf"
