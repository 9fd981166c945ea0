"""Atoms: read, written and changed with the same checks as on pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from flask import request, url_for

from research_repo.api.contract import operation
from research_repo.api.door import caller, language, reading, saving
from research_repo.api.models import (
    Advice,
    AtomAnswer,
    AtomsAnswer,
    AtomsValues,
    AtomToAdd,
    AtomToChange,
    AtomWritten,
    EvidencePiece,
    Kind,
    Stage,
    Status,
    TagName,
    VersionHeader,
)
from research_repo.api.problems import Problem
from research_repo.api.strength_bodies import StrengthTold
from research_repo.core import access, atoms, evidence, links, masking, recommendations, records
from research_repo.core.atoms import AtomValues
from research_repo.core.db import Session
from research_repo.core.errors import Conflict, Invalid
from research_repo.core.evidence import EvidenceValues
from research_repo.core.hierarchy import TagCard
from research_repo.core.language import say
from research_repo.core.models import Atom, Evidence
from research_repo.core.records import AtomRecord

Answered = tuple[AtomAnswer, int, dict[str, str]]
Written = tuple[AtomWritten, int, dict[str, str]]

LINKED = ("supports", "contradicts", "supersedes", "relates")
DATES = ("observed_on", "review_by")

TAKEN = say("An atom of this study has this external id already. Change that one, with PATCH.")
NO_VERSION = say("Send the header If-Match with the ETag of the atom as you read it.")
STALE = say("Read the atom again, make your change on what stands there now, and send its ETag.")


@operation("GET", "/atoms", say("All atoms that you see, page by page."), AtomsAnswer)
def list_atoms(query: AtomsValues) -> AtomsAnswer:
    by = caller()
    with reading() as session:
        study = access.study_to_read(session, by, query.study) if query.study else None
        ids = records.atoms_after(
            session,
            by,
            query.cursor,
            query.limit + 1,
            study_id=study.id if study else None,
            updated_after=query.updated_after,
        )
        found = records.of_atoms(session, by, ids[: query.limit], language())
    more = found[-1].card.key if len(ids) > query.limit else None
    return AtomsAnswer(atoms=[_answer(one) for one in found], next_cursor=more)


@operation("GET", "/atoms/<key>", say("One atom with all that is written about it."), AtomAnswer)
def read_atom(key: str) -> Answered:
    with reading() as session:
        return _answered(records.of_atom(session, caller(), key, language()), 200)


@operation(
    "POST",
    "/atoms",
    say("Write down an atom. It can be found at once."),
    AtomWritten,
    status=201,
    problems=(400, 403, 409, 413, 415),
)
def add_atom(json: AtomToAdd) -> Written:
    by = caller()
    values = atoms.ready(_values(json))
    with saving() as session:
        access.require_log(by)
        _refuse_taken(session, values)
        try:
            atom = atoms.log(session, by, values)
        except Invalid as refusal:
            # It stands on somebody's draft, of which no more may be told.
            raise (_taken() if "external_id" in refusal.problems else refusal) from None
        _link(session, atom, {name: getattr(json, name) for name in LINKED})
    with reading() as session:
        return _written(records.of_atom(session, by, atom.key, language()), 201, values)


@operation(
    "PATCH",
    "/atoms/<key>",
    say("Change an atom: what is left out stays. If-Match keeps two writers apart."),
    AtomWritten,
    problems=(400, 403, 412, 413, 415, 428),
    headers=VersionHeader,
)
def change_atom(key: str, json: AtomToChange) -> Written:
    by = caller()
    with reading() as session:
        atom = access.atom_to_edit(session, by, key)
        stands = records.of_atom(session, by, key, language())
        current = _current(session, atom, stands)
    _require_version(atom)
    given = json.model_dump(include=json.model_fields_set)
    values = atoms.ready(_changed(current, stands, given))
    try:
        with saving() as session:
            changed = atoms.edit(session, by, key, atom.version, values, with_tags="tags" in given)
            if {"stage", "tracker"} & set(given):
                told = given.get("stage"), given.get("tracker")
                recommendations.set_stage(session, by, key, *told)
            _link(session, changed, {name: given[name] for name in LINKED if name in given})
    except Conflict:
        raise _stale() from None
    with reading() as session:
        return _written(records.of_atom(session, by, key, language()), 200, values, current)


def _values(new: AtomToAdd) -> AtomValues:
    return AtomValues(
        kind=new.kind,
        title=new.title,
        body=new.body,
        study_key=new.study or "",
        tags=new.tags,
        evidence=evidence.of_columns(
            new.quote or "", new.source or "", respondent=new.respondent or ""
        ),
        status=new.status,
        observed_on=new.observed_on,
        review_by=new.review_by,
        language=new.language or "",
        external_id=new.external_id,
        not_applicable=new.not_applicable,
        rests_on=new.rests_on,
        is_confirmed=new.is_confirmed,
    )


def _current(session: Session, atom: Atom, stands: AtomRecord) -> AtomValues:
    return AtomValues(
        kind=atom.kind,
        title=atom.title,
        body=atom.body,
        study_key=stands.card.study_key,
        question_ids=atoms.question_ids_of(session, atom.id),
        evidence=[_piece(one) for one in stands.evidence],
        status=atom.status,
        observed_on=atom.observed_on,
        review_by=atom.review_by,
        language=atom.language,
    )


def _changed(current: AtomValues, stands: AtomRecord, given: Mapping[str, Any]) -> AtomValues:
    plain = ("kind", "title", "body", "tags", "not_applicable", "status", *DATES)
    values = replace(current, **{name: given[name] for name in plain if name in given})
    if "study" in given:
        values = replace(values, study_key=given["study"] or "")
    if "rests_on" in given:
        values = replace(values, rests_on=given["rests_on"])
    values = replace(values, is_confirmed=bool(given.get("is_confirmed")))
    if "language" in given:
        values = replace(values, language=given["language"] or "")
    if {"quote", "source", "respondent"} & set(given):
        quote, source = evidence.columns_of(stands.evidence)
        quote, source = given.get("quote", quote) or "", given.get("source", source) or ""
        respondent = given["respondent"] or "" if "respondent" in given else None
        pieces = evidence.of_columns(quote, source, values.evidence, respondent)
        values = replace(values, evidence=pieces)
    return values


def _piece(row: Evidence) -> EvidenceValues:
    return EvidenceValues(
        kind=row.kind,
        text=row.text,
        who=row.who,
        source=row.source,
        url=row.url,
        number=row.number,
        unit=row.unit,
        n=row.n,
        row=row.row,
        id=row.id,
    )


def _link(session: Session, atom: Atom, wanted: Mapping[str, Sequence[str]]) -> None:
    for kind, names in wanted.items():
        links.put(session, caller(), atom, kind, names)


def _refuse_taken(session: Session, values: AtomValues) -> None:
    if not values.external_id:
        return
    key = records.with_external_id(session, caller(), values.study_key.strip(), values.external_id)
    if key:
        raise _taken(key)


def _taken(key: str = "") -> Problem:
    address = url_for("api.read_atom", key=key) if key else ""
    return Problem(409, TAKEN, [("external_id", TAKEN)], address=address)


def _require_version(atom: Atom) -> None:
    if "If-Match" not in request.headers:
        raise Problem(428, NO_VERSION)
    if not request.if_match.contains(str(atom.version)):
        raise _stale()


def _stale() -> Problem:
    return Problem(412, STALE)


def _answered(record: AtomRecord, status: int) -> Answered:
    headers = {"ETag": f'"{record.version}"'}
    if status == 201:
        headers["Location"] = url_for("api.read_atom", key=record.card.key)
    return _answer(record), status, headers


def _written(
    record: AtomRecord, status: int, values: AtomValues, known: AtomValues | None = None
) -> Written:
    """The answer to whoever wrote these values; what stood there before was told of then."""
    answer, status, headers = _answered(record, status)
    found = masking.advised(masking.found_in(values, known))
    personal = [Advice(field=name, advice=one.put(language())) for name, one in found.items()]
    return AtomWritten(**dict(answer), personal=personal), status, headers


def _answer(record: AtomRecord) -> AtomAnswer:
    card = record.card
    quote, source = evidence.columns_of(record.evidence)
    return AtomAnswer(
        id=card.key,
        external_id=card.external_id,
        kind=cast(Kind, card.kind),
        status=cast(Status, card.status),
        title=card.title,
        body=record.body,
        language=card.language,
        study=card.study_key or None,
        questions=list(record.questions),
        observed_on=record.observed_on,
        review_by=record.review_by,
        tags=[tag_name(tag) for tag in card.tags],
        study_tags=[tag_name(tag) for tag in card.lent],
        not_applicable=list(record.not_applicable),
        quote=quote or None,
        source=source or None,
        respondent=evidence.respondent_of(record.evidence) or None,
        evidence=[_evidence(row) for row in record.evidence],
        supports=list(record.links.get("supports", ())),
        contradicts=list(record.links.get("contradicts", ())),
        supersedes=list(record.links.get("supersedes", ())),
        relates=list(record.links.get("relates", ())),
        rests_on=list(record.rests_on),
        stage=cast(Stage, record.stage.name) if record.stage else None,
        tracker=record.stage.tracker if record.stage else None,
        strength=StrengthTold.model_validate(card.strength.plain()),
        replaced=card.is_replaced,
        stale=card.is_stale,
        advice=record.advice.put(language()) if record.advice else None,
        author=card.author,
        version=record.version,
        created_at=record.created_at,
        updated_at=record.updated_at,
    )


def _evidence(row: Evidence) -> EvidencePiece:
    return EvidencePiece(
        kind=row.kind,
        text=row.text,
        who=row.who,
        source=row.source,
        row=row.row,
        url=row.url,
        number=row.number,
        unit=row.unit,
        n=row.n,
        file_name=row.file_name,
    )


def tag_name(card: TagCard) -> TagName:
    """A tag as answers name it."""
    return TagName(key=card.key, path=card.full_path, label=card.label)
