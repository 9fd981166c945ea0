"""Made-up vocabularies for round trips: groups, words in two languages, a hierarchy, merged tags."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from research_repo.core import tag_edges
from research_repo.core.schemes import SEPARATORS, label_problem
from research_repo.core.tag_lists import Group, TagLine, TagList
from research_repo.core.tags import TagWords
from research_repo.core.typed import line
from research_repo.core.words import fold

letters = st.characters(
    codec="utf-8", exclude_categories=("C", "Z"), exclude_characters=SEPARATORS
) | st.sampled_from(" =+-@'\"<&éЁёЖ")
texts = st.text(letters, min_size=1, max_size=12).map(line)
texts = texts.filter(lambda text: bool(text) and label_problem(text) is None)
guids = st.text(letters, min_size=1, max_size=8).map(line).filter(bool) | st.sampled_from(
    [
        "http://example.org/a",
        "urn:x:1",
        "research-repo:x",
        "concept10",
        "=1+1",
        "urn:research-repo:id:a",
    ]
)
GROUPS = {
    key: Group(key, f"guid-{key}", {"en": key.upper(), "ru": f"Группа {key}"}) for key in "ab"
}


@st.composite
def vocabularies(draw: st.DrawFn) -> TagList:
    """A list that a repository can hold without a warning."""
    names = draw(st.lists(guids, min_size=1, max_size=6, unique=True))
    taken: set[tuple[str, str, str]] = set()
    tags: list[TagLine] = []
    above: dict[str, tuple[str, ...]] = {}
    pairs: set[frozenset[str]] = set()
    for guid in names:
        group = draw(st.sampled_from(sorted(GROUPS)))
        words = _words(draw, group, taken, guid)
        alive = [tag for tag in tags if not tag.replaced_by]
        survivors = [tag for tag in alive if tag.group == group]
        survivor = draw(st.none() | st.sampled_from(survivors)) if survivors else None
        above[guid] = () if survivor else _parents(draw, group, alive, above)
        beside = draw(st.none() | st.sampled_from(alive)) if alive and not survivor else None
        if beside and beside.guid not in tag_edges.ancestors(above, guid):
            pairs.add(frozenset((guid, beside.guid)))
        status = draw(st.sampled_from(["approved", "approved", "candidate", "deprecated"]))
        tags.append(
            TagLine(
                guid=guid,
                group=group,
                words=words,
                parents=above[guid],
                status="deprecated" if survivor else status,
                replaced_by=survivor.guid if survivor else "",
            )
        )
    return TagList(tuple(replace(tag, related=_beside(pairs, tag.guid)) for tag in tags), GROUPS)


def _parents(
    draw: st.DrawFn, group: str, alive: list[TagLine], above: dict[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """At most two tags, of its own group first, none of which says what the other says already."""
    if not alive:
        return ()
    chosen = draw(st.lists(st.sampled_from(alive), max_size=2, unique_by=lambda tag: tag.guid))
    for one, other in (chosen, chosen[::-1]) if len(chosen) == 2 else ():
        if one.guid in tag_edges.ancestors(above, other.guid):
            chosen = [other]
    return tuple(tag.guid for tag in sorted(chosen, key=lambda tag: (tag.group != group, tag.guid)))


def _beside(pairs: set[frozenset[str]], guid: str) -> tuple[str, ...]:
    return tuple(sorted(one for pair in pairs if guid in pair for one in pair if one != guid))


def canonical(listed: TagList) -> list[Any]:
    """A list of tags as plain values in one order; empty lists of words are no difference."""

    def filled(words: Any) -> dict[str, Any]:
        return {language: sorted(texts) for language, texts in words.items() if texts}

    return sorted(
        (
            tag.guid,
            tag.group,
            sorted((code, text) for code, text in tag.words.pref.items() if text),
            sorted(filled(tag.words.alt).items()),
            sorted(filled(tag.words.hidden).items()),
            sorted((code, text) for code, text in tag.words.note.items() if text),
            sorted((code, text) for code, text in tag.words.definition.items() if text),
            sorted((code, text) for code, text in tag.words.example.items() if text),
            tag.related,
            tag.parents,
            tag.status,
            tag.replaced_by,
        )
        for tag in listed.tags
    )


def _words(draw: st.DrawFn, group: str, taken: set[tuple[str, str, str]], guid: str) -> TagWords:
    def fresh(language: str, text: str) -> str:
        while (group, language, fold(text)) in taken:
            text = f"{text}{len(taken)}"
        taken.add((group, language, fold(text)))
        return text

    def several(language: str) -> list[str]:
        return sorted(fresh(language, text) for text in draw(st.lists(texts, max_size=2)))

    notes = st.text(letters | st.just("\n"), min_size=1, max_size=20).map(str.strip)
    return TagWords(
        pref={code: fresh(code, draw(texts)) for code in ("en", "ru")},
        alt={code: several(code) for code in ("en", "ru")},
        hidden={code: several(code) for code in ("en", "ru")},
        note={"ru": draw(notes)},
        definition={code: draw(notes) for code in draw(st.sets(st.sampled_from(["en", "ru"])))},
        example={code: draw(notes) for code in draw(st.sets(st.sampled_from(["en", "ru"])))},
    )
