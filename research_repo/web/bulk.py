"""Work on many findings: tag them, take them out as a file, copy them.

Each form carries what was chosen: `atom` (the keys of ticked findings), or `all` with `count` (how
many matched when the person looked); and `search`, the address of the results.

    POST /bulk/tag      add, remove: tags parted by ";"; do=preview shows what would happen, do=apply
                        with the `print` of that preview does it
    POST /bulk/export   form: csv, xlsx, json or md; without it the page that asks
    POST /bulk/insight  the form of an insight that rests on them
    POST /bulk/copy     the findings as Markdown: as a page, or as text when `plain` is sent
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.bulk_jobs import EXPORTS, ListTerms, file_of, for_people
from research_repo.core import access, atom_lists, atoms, bulk, bulk_cards, cards, jobs, tagging
from research_repo.core.cards import AtomCard
from research_repo.core.errors import Invalid, NotFound
from research_repo.core.language import say
from research_repo.exchange.atom_lists import FORMS
from research_repo.web.bulk_choice import Choice, chosen, fields
from research_repo.web.door import (
    DOWNLOADS,
    current_person,
    house,
    is_on,
    reading,
    saving,
    see_other,
    text,
)
from research_repo.web.words import language

bp = Blueprint("bulk", __name__, url_prefix="/bulk")

Page = str | Response | tuple[str, int]

WEIGHED_MAX = 5000
AT_ONCE = 1000
"""So many findings are written while the person waits; more by a job."""
COPIED_MAX = 500
FILE_NAME = "findings"
BLOCK_BYTES = 1 << 16


@bp.post("/tag")
def tag() -> Page:
    by = current_person()
    access.require_log(by)
    choice = chosen(by)
    if text("do") not in ("preview", "apply"):
        return _tag_page(choice)
    try:
        added, removed = _tags("add"), _tags("remove")
        if text("do") == "preview" or text("print") != choice.print:
            return _preview(choice, added, removed)
        with saving() as session:
            made = bulk.begin(session, by, choice.atom_ids, added, removed)
    except Invalid as refusal:
        return _tag_page(choice, refusal), 422
    return see_other(url_for("bulk.show", bulk_id=made.id))


def _tags(name: str) -> list[int]:
    by = current_person()
    with reading() as session:
        found = []
        for typed in text(name).split(";"):
            if typed.strip():
                try:
                    found.append(tagging.asked(session, by, typed.strip(), language()).id)
                except Invalid as refusal:
                    raise Invalid({name: next(iter(refusal.problems.values()))}) from refusal
    return found


def _preview(choice: Choice, added: list[int], removed: list[int]) -> Page:
    by = current_person()
    some = choice.atom_ids[:WEIGHED_MAX]
    with reading() as session:
        found = bulk.weigh(session, by, some, added, removed)
        shown: dict[str, Any] = {
            "found": found,
            "left_out": bulk_cards.left_out(session, by, found, language()),
            "added": bulk_cards.tags(session, added, language()),
            "removed": bulk_cards.tags(session, removed, language()),
            "weighed": len(some),
        }
    is_stale = text("do") == "apply"
    page = _tag_page(choice, is_stale=is_stale, **shown)
    return (page, 409) if is_stale else page


def _tag_page(choice: Choice, refusal: Invalid | None = None, **shown: Any) -> str:
    return render_template(
        "bulk/tag.html",
        choice=choice,
        fields=fields(choice),
        sent=request.form,
        problems=refusal.problems if refusal else {},
        **shown,
    )


@bp.get("/tags/<int:bulk_id>")
def show(bulk_id: int) -> str:
    return _shown("bulk/show.html", bulk_id)


@bp.get("/tags/<int:bulk_id>/progress")
def progress(bulk_id: int) -> str:
    """The part of the page that changes while a job is at work."""
    return _shown("bulk/_progress.html", bulk_id)


def _shown(template: str, bulk_id: int) -> str:
    by = current_person()
    with reading() as session:
        made = bulk_cards.card(session, by, bulk.get(session, by, bulk_id), language())
    return render_template(template, made=made)


@bp.post("/tags/<int:bulk_id>/undo")
def undo(bulk_id: int) -> Response:
    with saving() as session:
        bulk.undo(session, current_person(), bulk_id)
    return see_other(url_for("bulk.show", bulk_id=bulk_id))


@bp.post("/tags/<int:bulk_id>/again")
def again(bulk_id: int) -> Response:
    with saving() as session:
        bulk.again(session, current_person(), bulk_id)
    return see_other(url_for("bulk.show", bulk_id=bulk_id))


@bp.post("/export")
def export() -> Page:
    by = current_person()
    choice = chosen(by)
    form = text("form")
    if form not in FORMS:
        is_long = choice.count > AT_ONCE
        return render_template(
            "bulk/export.html", choice=choice, fields=fields(choice), is_long=is_long
        )
    if choice.count <= AT_ONCE:
        return _file(choice, form)
    terms = ListTerms(by.id, choice.search, form, language(), _base_url())
    with saving() as session:
        job = jobs.start(session, by, "atoms.export", vars(terms))
    return see_other(url_for("jobs.show", job_id=job.id))


def _file(choice: Choice, form: str) -> Response:
    answer = Response(_written(choice, form), mimetype=DOWNLOADS[form])
    answer.headers.set("Content-Disposition", "attachment", filename=f"{FILE_NAME}.{form}")
    return answer


def _written(choice: Choice, form: str) -> bytes:
    found = atom_lists.read(house().database, current_person().id, choice.atom_ids, language())
    return b"".join(for_people(form, found, language(), _base_url()))


@bp.get("/exports/<int:job_id>")
def exported(job_id: int) -> Response:
    """The file that a job wrote, for whoever asked for it."""
    by = current_person()
    with reading() as session:
        job = jobs.get(session, by, job_id)
    if job.kind != "atoms.export" or job.status != "done":
        raise NotFound
    file = file_of(house().settings.instance / EXPORTS, job.result, by.id)
    form = job.result["form"]
    answer = Response(_blocks(file), mimetype=DOWNLOADS[form])
    answer.content_length = file.stat().st_size
    answer.headers.set("Content-Disposition", "attachment", filename=f"{FILE_NAME}.{form}")
    return answer


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as written:
        while block := written.read(BLOCK_BYTES):
            yield block


@bp.post("/copy")
def copy() -> Page:
    choice = chosen(current_person())
    if choice.count > COPIED_MAX:
        advice = say(
            "At most %(count)s findings can be copied. Export them as a file.", count=COPIED_MAX
        )
        raise Invalid({"atoms": advice})
    written = _written(choice, "md").decode()
    if is_on("plain"):
        return Response(written, mimetype="text/plain")
    return render_template("bulk/copy.html", choice=choice, written=written)


@bp.post("/insight")
def insight() -> Response:
    """On to the form of a claim that rests on what was chosen: above insights, a recommendation."""
    by = current_person()
    access.require_log(by)
    choice = chosen(by)
    if choice.count > atoms.RESTS_ON_MAX:
        most = atoms.RESTS_ON_MAX
        advice = say("A claim is written from at most %(count)s findings. Tick fewer.", count=most)
        raise Invalid({"atoms": advice})
    with reading() as session:
        made = cards.of_atoms(session, by, choice.atom_ids, language())
    if any(one.kind == "recommendation" for one in made):
        advice = say("Nothing rests on a recommendation. Tick facts and insights only.")
        raise Invalid({"atoms": advice})
    return see_other(url_for("atoms.log", **_shared(made), rests_on=[one.key for one in made]))


def _shared(made: Sequence[AtomCard]) -> dict[str, Any]:
    """What a claim upon all of these begins with: its kind, their study, the tags of each of them."""
    studies = {one.study_key for one in made}
    tags = set.intersection(*({tag.full_path for tag in one.tags} for one in made))
    kind = "recommendation" if all(one.kind == "insight" for one in made) else "insight"
    found = {"study": studies.pop() if len(studies) == 1 else "", "tags": "; ".join(sorted(tags))}
    return {"kind": kind, **{name: value for name, value in found.items() if value}}


def _base_url() -> str:
    return house().settings.base_url or request.host_url.rstrip("/")
