"""Tags, as far as the caller may know of them."""

from __future__ import annotations

from typing import Any, cast

from research_repo.api.atoms import tag_name
from research_repo.api.contract import operation
from research_repo.api.door import caller, language, reading, search
from research_repo.api.models import (
    LabelKind,
    TagAnswer,
    TagInList,
    TagLabelText,
    TagsAnswer,
    TagsValues,
)
from research_repo.core import hierarchy, records, schemes, tree
from research_repo.core.errors import NotFound
from research_repo.core.hierarchy import TagCard
from research_repo.core.language import say


@operation("GET", "/tags", say("All tags that you may know of, page by page."), TagsAnswer)
def list_tags(query: TagsValues) -> TagsAnswer:
    by = caller()
    with reading() as session:
        scheme = schemes.named(session, query.scheme) if query.scheme else None
        if query.scheme and scheme is None:
            raise NotFound
        ids = records.tags_after(
            session, by, query.cursor, query.limit + 1, scheme_id=scheme.id if scheme else None
        )
        shown = ids[: query.limit]
        made = hierarchy.cards(session, shown, language())
        facts = records.of_tags(session, shown)
    counts = search().counts(by)
    return TagsAnswer(
        tags=[TagInList(**_columns(made[tag_id], facts[tag_id], counts)) for tag_id in shown],
        next_cursor=made[shown[-1]].key if len(ids) > query.limit else None,
    )


@operation(
    "GET",
    "/tags/<key>",
    say("One tag with its words and its place; a merged one is answered by its survivor."),
    TagAnswer,
)
def read_tag(key: str) -> TagAnswer:
    by = caller()
    with reading() as session:
        page = tree.page(session, by, key, language())
        children = tree.children(session, by, page.card.id, language())
        facts = records.of_tags(session, [page.card.id])[page.card.id]
    return TagAnswer(
        **_columns(page.card, facts, search().counts(by)),
        labels=[
            TagLabelText(language=spoken, kind=cast(LabelKind, kind), text=text)
            for spoken, kind, text in page.words.labels()
        ],
        notes=dict(page.words.note),
        parents=[tag_name(card) for card in page.parents],
        children=[tag_name(card) for card in children],
        version=page.version,
    )


def _columns(card: TagCard, facts: tuple[str, str], counts: dict[int, int]) -> dict[str, Any]:
    guid, scheme = facts
    return {
        **tag_name(card).model_dump(),
        "guid": guid,
        "scheme": scheme,
        "status": card.status,
        "count": counts.get(card.id, 0),
    }
