"""Quotes no more say the names of speakers who are nobody's participants"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True)
SAID = sa.text(
    "SELECT e.id, e.atom_id, e.who, p.speaker FROM evidence e"
    " JOIN passage p ON p.source_id = e.source_id AND p.speaker <> ''"
    " WHERE e.kind = 'quote' AND e.participant_id IS NULL AND e.who <> ''"
    " GROUP BY e.id, e.atom_id, e.who, p.speaker"
)
FORGET = sa.text("UPDATE evidence SET who = '' WHERE id = :id")
QUEUE = sa.text(
    "INSERT INTO index_queue (atom_id, person_id) SELECT id, author_id FROM atom WHERE id = :id"
)
KEPT = sa.text(
    "SELECT p.history_id, p.before, p.after FROM history_payload p"
    " JOIN history h ON h.id = p.history_id WHERE h.noun = 'atom' AND h.noun_id = :id"
)
REWRITE = sa.text(
    "UPDATE history_payload SET before = :before, after = :after WHERE history_id = :id"
).bindparams(sa.bindparam("before", type_=JSON), sa.bindparam("after", type_=JSON))


def upgrade() -> None:
    connection = op.get_bind()
    speakers: dict[tuple[int, int, str], set[str]] = {}
    for row_id, atom_id, who, speaker in connection.execute(SAID):
        speakers.setdefault((row_id, atom_id, who), set()).add(speaker)
    for (row_id, atom_id, who), names in speakers.items():
        # Several who spoke in turns were named together.
        if who in names or set(who.split(", ")) <= names:
            connection.execute(FORGET, {"id": row_id})
            connection.execute(QUEUE, {"id": atom_id})
            for history_id, *kept in connection.execute(KEPT, {"id": atom_id}).all():
                before, after = (_without(row_id, who, one) for one in kept)
                told = {"id": history_id, "before": before, "after": after}
                connection.execute(REWRITE, told)


def downgrade() -> None:
    """What is forgotten stays so."""


def _without(row_id: int, who: str, kept: Any) -> Any:
    kept = json.loads(kept) if isinstance(kept, str) else kept
    pieces = kept.get("evidence") if isinstance(kept, dict) else None
    for piece in pieces or ():
        if piece.get("id") == row_id and piece.get("who") == who:
            del piece["who"]
    return kept
