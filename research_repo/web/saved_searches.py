"""Saved searches: one's own and shared ones, who follows them, and their feeds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, render_template, url_for

from research_repo.core import feeds, follows, saved_searches, search_pairs
from research_repo.core.errors import Invalid, Unavailable
from research_repo.core.follows import HITS_MAX
from research_repo.core.language import say
from research_repo.core.models import Person
from research_repo.core.saved_searches import NAME_MAX, Saved
from research_repo.search import Wanted, as_typed, meant
from research_repo.search.keeping import (
    Pairs,
    followed,
    from_pairs,
    from_query,
    to_pairs,
    to_query,
)
from research_repo.web.door import (
    current_person,
    is_on,
    number,
    reading,
    saving,
    search,
    see_other,
    tell,
    text,
)
from research_repo.web.feeds import absolute
from research_repo.web.saved_search_words import described, in_words
from research_repo.web.search_address import address_of
from research_repo.web.words import language

bp = Blueprint("saved_searches", __name__, url_prefix="/searches")

Page = str | Response | tuple[str, int]

QUERY_MAX = 1000


@dataclass(frozen=True)
class Standing:
    """How a search on its page stands with the person: saved under which name, followed or not."""

    query: str
    saved: Saved | None
    is_followed: bool
    may_be_kept: bool
    name: str
    """What it could be called."""
    name_max: int = NAME_MAX


def standing(session: Any, by: Person, wanted: Wanted) -> Standing:
    """What the search page says of saving and following."""
    pairs = to_pairs(wanted)
    saved = saved_searches.same(session, by, pairs)
    return Standing(
        query=to_query(wanted),
        saved=saved,
        is_followed=saved is not None and follows.is_followed(session, by, saved.key),
        may_be_kept=not search_pairs.is_nothing(pairs),
        name=(wanted.text or in_words(session, by, [wanted], language())[0])[:NAME_MAX],
    )


@bp.get("")
def listed() -> str:
    by = current_person()
    with reading() as session:
        found = saved_searches.listed(session, by)
        gone = saved_searches.deleted(session, by)
        news = {one.search.id: one for one in follows.listed(session, by)}
        words = described(session, by, [*found, *gone], language())
    return render_template(
        "saved_searches/listed.html",
        own=[one for one in found if one.is_own],
        shared=[one for one in found if not one.is_own],
        deleted=gone,
        news=news,
        described=words,
        kept_days=saved_searches.KEPT_DAYS,
    )


@bp.post("")
def save() -> Page:
    by = current_person()
    wanted = from_query(text("search"))
    with reading() as session:
        pairs = to_pairs(meant(session, by, wanted, language()).wanted)
    is_to_follow = text("then") == "follow"
    ids = _found(by, pairs) if is_to_follow else []
    try:
        with saving() as session:
            saved = saved_searches.save(session, by, text("name"), pairs, is_on("shared"))
            if is_to_follow:
                follows.follow(session, by, saved.key, ids)
    except Invalid as refusal:
        return _new_page(wanted, refusal), 422
    if is_to_follow:
        tell(say("Saved. You are told when something new comes up in “%(name)s”.", name=saved.name))
    else:
        tell(say("Saved as “%(name)s”.", name=saved.name))
    return see_other(address_of(from_pairs(pairs), view=""))


@bp.get("/<key>")
def show(key: str) -> Response:
    return see_other(address_of(from_pairs(_read(key).wanted), view=""))


@bp.get("/<key>/newest")
def newest(key: str) -> Response:
    return see_other(address_of(followed(_read(key).wanted), view=""))


@bp.get("/<key>/edit")
def edit(key: str) -> str:
    return _edit_page(_to_change(key), Invalid({}))


@bp.post("/<key>/edit")
def change(key: str) -> Page:
    by, saved = current_person(), _to_change(key)
    with reading() as session:
        wanted = _changed(session, by, saved)
    try:
        with saving() as session:
            saved_searches.change(
                session,
                by,
                key,
                number("version") or 0,
                name=text("name"),
                is_shared=is_on("shared"),
                wanted=wanted,
            )
    except Invalid as refusal:
        return _edit_page(saved, refusal), 422
    tell(say("Saved as “%(name)s”.", name=text("name").strip()))
    return see_other("/searches")


@bp.post("/<key>/delete")
def delete(key: str) -> Response:
    with saving() as session:
        saved = saved_searches.remove(session, current_person(), key)
    tell(say("“%(name)s” is deleted. It can be put back below.", name=saved.name))
    return see_other("/searches#deleted")


@bp.post("/<key>/restore")
def restore(key: str) -> Response:
    with saving() as session:
        saved = saved_searches.put_back(session, current_person(), key)
    tell(say("“%(name)s” is back.", name=saved.name))
    return see_other("/searches")


@bp.post("/<key>/follow")
def follow(key: str) -> Response:
    by, saved = current_person(), _read(key)
    ids = _found(by, list(saved.wanted))
    with saving() as session:
        follows.follow(session, by, key, ids)
    tell(say("You are told when something new comes up in “%(name)s”.", name=saved.name))
    return _back(saved)


@bp.post("/<key>/unfollow")
def unfollow(key: str) -> Response:
    saved = _read(key)
    with saving() as session:
        follows.unfollow(session, current_person(), key)
    tell(say("You are not told of “%(name)s” any more.", name=saved.name))
    return _back(saved)


@bp.post("/<key>/feed")
def make_feed(key: str) -> str:
    by, saved = current_person(), _read(key)
    with saving() as session:
        secret = feeds.make(session, by, key)
    # Shown in this very answer and never kept: not in a cookie, not in an address.
    address = absolute(url_for("feeds.show", secret=secret))
    return render_template("saved_searches/feed.html", saved=saved, secret=address)


@bp.post("/<key>/feed/withdraw")
def withdraw_feed(key: str) -> Response:
    with saving() as session:
        feeds.withdraw(session, current_person(), key)
    tell(say("The address of this feed leads nowhere now."))
    return see_other("/account#feeds" if text("from") == "account" else "/searches")


def _read(key: str) -> Saved:
    with reading() as session:
        return saved_searches.read(session, current_person(), key)


def _to_change(key: str) -> Saved:
    with reading() as session:
        return saved_searches.to_change(session, current_person(), key)


def _found(by: Person, pairs: Pairs) -> list[int] | None:
    try:
        return search().ids(followed(pairs), by, HITS_MAX + 1)
    except Unavailable:
        return None


def _changed(session: Any, by: Person, saved: Saved) -> Pairs | None:
    """What the search is to look for, where the field says something else than it was filled with."""
    before = from_pairs(saved.wanted)
    sent = text("wanted")[:QUERY_MAX].strip()
    if sent == as_typed(session, by, before, language()):
        return None
    how = Wanted(sort=before.sort, match=before.match, literal=before.literal)
    return to_pairs(meant(session, by, replace(how, text=sent), language()).wanted)


def _back(saved: Saved) -> Response:
    if text("from") == "search":
        return see_other(address_of(from_pairs(saved.wanted), view=""))
    return see_other("/searches")


def _new_page(wanted: Wanted, refusal: Invalid) -> str:
    with reading() as session:
        words = as_typed(session, current_person(), wanted, language())
    return render_template(
        "saved_searches/new.html",
        query=to_query(wanted),
        words=words,
        name=text("name"),
        is_shared=is_on("shared"),
        is_to_follow=text("then") == "follow",
        back=address_of(wanted, view=""),
        problems=refusal.problems,
        name_max=NAME_MAX,
    )


def _edit_page(saved: Saved, refusal: Invalid) -> str:
    with reading() as session:
        words = as_typed(session, current_person(), from_pairs(saved.wanted), language())
    sent = bool(refusal.problems)
    return render_template(
        "saved_searches/edit.html",
        saved=saved,
        name=text("name") if sent else saved.name,
        is_shared=is_on("shared") if sent else saved.is_shared,
        words=text("wanted") if sent else words,
        problems=refusal.problems,
        name_max=NAME_MAX,
        query_max=QUERY_MAX,
    )
