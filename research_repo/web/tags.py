"""Tags: the tree, a tag's page, its words and its place; type-ahead for the picker."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from research_repo.core import (
    access,
    changes,
    hierarchy,
    naming,
    schemes,
    tag_lists,
    tagging,
    tags,
    tree,
)
from research_repo.core.change_lines import AddParent, RemoveParent, Retire
from research_repo.core.errors import Conflict, Invalid
from research_repo.core.language import say
from research_repo.core.tags import TagWords
from research_repo.exchange import tag_files
from research_repo.settings import LANGUAGES
from research_repo.web import reviewing, tag_offers, tag_page, tag_tree
from research_repo.web.door import (
    current_person,
    download,
    number,
    reading,
    saving,
    see_other,
    tell,
    text,
)
from research_repo.web.words import language

bp = Blueprint("tags", __name__, url_prefix="/tags")

Page = str | Response | tuple[str, int]


@bp.get("", endpoint="tree")
def show_tree() -> str:
    """One group at a time, or what a label holds (`q`); what lies under a tag comes when it is opened."""
    return tag_tree.shown()


@bp.get("/tags.csv", defaults={"form": "csv"})
@bp.get("/tags.ttl", defaults={"form": "ttl"})
@bp.get("/tags.qdc", defaults={"form": "qdc"})
def as_file(form: str) -> Response:
    """All tags that the person may know of, as a table, a thesaurus or a codebook in one language."""
    asked = request.args.get("language", "")
    with reading() as session:
        listed = tag_lists.vocabulary(session, current_person())
    written = tag_files.write(form, listed, asked if asked in LANGUAGES else language())
    return download(written, f"tags.{form}")


@bp.get("/export")
def export() -> str:
    """The kinds of file, each with what it cannot hold of the tags as they are."""
    with reading() as session:
        listed = tag_lists.vocabulary(session, current_person())
    lost = {
        (form, code): tag_files.losses(form, listed, code)
        for form in tag_files.WRITERS
        for code in LANGUAGES
    }
    count = len(listed.tags)
    return render_template("tag_files/export.html", lost=lost, count=count)


@bp.get("/suggest")
def suggest() -> Response:
    """Tags for the picker: what they are called, where they stand, and by which word they matched."""
    return jsonify(tag_offers.rows(request.args.get("q", "")[:100]))


@bp.get("/review")
def review() -> str:
    """What waits for a curator: new tags and proposed changes."""
    return reviewing.shown()


@bp.get("/<key>")
def show(key: str) -> str | Response:
    return tag_page.shown(key)


@bp.route("/new", methods=["GET", "POST"])
def add() -> Page:
    by = current_person()
    access.require_log(by)
    if request.method == "GET":
        return _form_page("tags/new.html", TagWords(pref={}), Invalid({}))
    near = [] if text("anyway") else tag_offers.in_doubt(_names_sent())
    if near:
        return _form_page("tags/new.html", _sent_words(), Invalid({}), near=near), 422
    try:
        with saving() as session:
            tag = _create(session)
    except Invalid as refusal:
        return _form_page("tags/new.html", _sent_words(), refusal), 422
    tell(
        say("The tag is there")
        if tag.status == "approved"
        else say("The tag is there and waits for a curator; it can be used already.")
    )
    return see_other(url_for("tags.show", key=tag.key))


def _create(session: Any) -> Any:
    parent = text("parent").strip()
    parent_keys = []
    if parent:
        parent_keys = [_named(session, parent)]
    return tags.create(session, current_person(), text("group"), _sent_words(), parent_keys)


def _named(session: Any, typed: str) -> str:
    """The key of an existing tag that a label or a path names."""
    hidden = tagging.unseen(session, current_person())
    return naming.existing(session, typed, language(), hidden).key


@bp.route("/<key>/edit", methods=["GET", "POST"])
def edit(key: str) -> Page:
    by = current_person()
    access.require_govern(by)
    with reading() as session:
        page = tree.page(session, by, key, language())
    if request.method == "GET":
        return _form_page(
            "tags/edit.html", page.words, Invalid({}), page=page, version=page.version
        )
    try:
        with saving() as session:
            changes.reword(session, by, page.card.key, number("version") or 0, _sent_words())
    except Invalid as refusal:
        return _form_page(
            "tags/edit.html", _sent_words(), refusal, page=page, version=text("version")
        ), 422
    except Conflict:
        return _form_page(
            "tags/edit.html",
            _sent_words(),
            Invalid({}),
            page=page,
            version=page.version,
            theirs=page.words,
        ), 409
    tell(say("Saved"))
    return see_other(url_for("tags.show", key=page.card.key))


@bp.post("/<key>/parents")
def add_parent(key: str) -> Page:
    by = current_person()
    access.require_govern(by)
    try:
        with saving() as session:
            parent_key = _named(session, text("parent"))
            changes.apply_at_once(session, by, [AddParent(tags.get(session, key).key, parent_key)])
    except Invalid as refusal:
        refusal = Invalid({"parent": next(iter(refusal.problems.values()))})
        with reading() as session:
            page = tree.page(session, by, key, language())
        return _form_page(
            "tags/edit.html", page.words, refusal, page=page, version=page.version
        ), 422
    tell(say("The tag has one more place"))
    return see_other(url_for("tags.show", key=key))


@bp.post("/<key>/parents/<parent_key>/remove")
def remove_parent(key: str, parent_key: str) -> Response:
    with saving() as session:
        access.require_govern(current_person())
        child, parent = tags.get(session, key), tags.get(session, parent_key)
        changes.apply_at_once(session, current_person(), [RemoveParent(child.key, parent.key)])
    tell(say("The tag has one place less"))
    return see_other(url_for("tags.edit", key=key))


@bp.post("/<key>/status")
def set_status(key: str) -> Response:
    verbs = {"approved": tags.approve, "deprecated": _retire}
    verb = verbs.get(text("status"))
    if verb is None:
        raise Invalid({"status": say("Choose one of the list.")})
    with saving() as session:
        verb(session, current_person(), key)
    tell(say("Saved"))
    back = url_for("tags.review") if text("next") == "review" else url_for("tags.show", key=key)
    return see_other(back)


def _retire(session: Any, by: Any, key: str) -> None:
    access.require_govern(by)
    tag = tags.get(session, key)
    if tag.status != "deprecated":
        changes.apply_at_once(session, by, [Retire(tag.key)])


def _names_sent() -> list[str]:
    return list(filter(None, (text(f"pref-{code}").strip() for code in LANGUAGES)))


def _sent_words() -> TagWords:
    def lines(name: str) -> dict[str, list[str]]:
        return {code: text(f"{name}-{code}").split("\n") for code in LANGUAGES}

    return TagWords(
        pref={code: text(f"pref-{code}") for code in LANGUAGES},
        alt=lines("alt"),
        hidden=lines("hidden"),
        note={code: text(f"note-{code}") for code in LANGUAGES},
        definition={code: text(f"definition-{code}") for code in LANGUAGES},
        example={code: text(f"example-{code}") for code in LANGUAGES},
    )


def _form_page(template: str, words: TagWords, refusal: Invalid, **more: Any) -> str:
    page = more.get("page")
    with reading() as session:
        groups = schemes.listed(session, language())
        if page is not None:
            near = hierarchy.related(session, [page.card.id]).get(page.card.id, [])
            more["related"] = list(hierarchy.cards(session, near, language()).values())
    return render_template(
        template,
        words=words,
        groups=groups,
        chosen=request.values.get("group", ""),
        parent=request.values.get("parent", ""),
        problems=refusal.problems,
        **more,
    )
