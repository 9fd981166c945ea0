"""Why each hit of a search was found, in words: by which word and where, or by which tag."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from research_repo.core import words
from research_repo.core.cards import AtomCard
from research_repo.core.hierarchy import TagCard
from research_repo.core.indexing import Texts
from research_repo.core.language import Message, say, say_many
from research_repo.search import Why
from research_repo.search.reasons import placed
from research_repo.web.words import put

REASONS_SHOWN = 3

IN_FIELD = {
    "title": say_many(
        "by the word %(words)s in the title", "by the words %(words)s in the title", 1
    ),
    "body": say_many("by the word %(words)s in the text", "by the words %(words)s in the text", 1),
    "quote": say_many("by the word %(words)s in a quote", "by the words %(words)s in a quote", 1),
}


def reasons(
    whys: Iterable[Why], atom: AtomCard, texts: Texts, tags: Mapping[int, TagCard]
) -> list[str]:
    """Each reason once, in the order of the query; words of one place are told together."""
    found: dict[tuple[str, int | None], list[str]] = {}
    for why in placed(whys, texts):
        if why.kind == "field":
            found.setdefault((why.field, None), []).append(why.text)
        elif why.tag_id in tags:
            found.setdefault((why.kind, why.tag_id), []).append(why.text)
    said = (
        put(
            _in_field(kind, some)
            if tag_id is None
            else by_tag(kind, some[0], _carried(tags[tag_id], kind, atom))
        )
        for (kind, tag_id), some in found.items()
    )
    # Two tags of the query may lead to one that the atom carries.
    return list(dict.fromkeys(said))[:REASONS_SHOWN]


def _in_field(field: str, texts: Sequence[str]) -> Message:
    message = IN_FIELD[field].counted(len(texts))
    listed = ", ".join(put(say("“%(text)s”", text=text)) for text in texts)
    return replace(message, values=message.values | {"words": listed})


def by_tag(kind: str, text: str, tag: TagCard) -> Message:
    """That a tag led there, or another name of a tag, which is `text`."""
    if kind == "label" and words.fold(text) == words.fold(tag.label):
        return say("by the name of the tag “%(tag)s”", tag=tag.label)
    if kind == "label":
        return say("by “%(label)s”, another name of the tag “%(tag)s”", label=text, tag=tag.label)
    return say("by the tag “%(tag)s”", tag=tag.label)


def _carried(tag: TagCard, kind: str, atom: AtomCard) -> TagCard:
    """The tag that the atom itself carries: the one of the reason, or one that lies under it."""
    for own in (*atom.tags, *atom.lent) if kind == "tag" else ():
        if own.scheme_id == tag.scheme_id and own.path[: len(tag.path)] == tag.path:
            return own
    return tag
