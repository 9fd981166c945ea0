"""Texts and files of studies, who was heard in them, and what a team agreed on"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# What evidence may point at: added as they are, since to write the table anew would forget which
# ids it has given already.
POINTERS = ("participant", "source", "attachment")
SPAN = ("span_start", "span_end")


def upgrade() -> None:
    _add_what_was_heard()
    _add_what_was_agreed()
    for noun in POINTERS:
        op.execute(
            f"ALTER TABLE evidence ADD COLUMN {noun}_id INTEGER "
            f"CONSTRAINT fk_evidence_{noun}_id_{noun} REFERENCES {noun} (id)"
        )
    for column in SPAN:
        op.add_column("evidence", sa.Column(column, sa.Integer(), nullable=True))
    named = sa.Column("file_name", sa.String(), nullable=False, server_default="")
    op.add_column("evidence", named)
    for columns in (["participant_id"], ["attachment_id"], ["source_id", "span_start"]):
        op.create_index(op.f(f"ix_evidence_{'_'.join(columns)}"), "evidence", columns)


def downgrade() -> None:
    kept = {"sqlite_autoincrement": True}
    for columns in (["participant_id"], ["attachment_id"], ["source_id", "span_start"]):
        op.drop_index(op.f(f"ix_evidence_{'_'.join(columns)}"), "evidence")
    with op.batch_alter_table("evidence", table_kwargs=kept) as batch:
        for noun in POINTERS:
            batch.drop_column(f"{noun}_id")
        for column in (*SPAN, "file_name"):
            batch.drop_column(column)
    for table in (
        "confirmation",
        "scratch",
        "review_period",
        "policy",
        "passage",
        "source",
        "attachment",
        "participant",
    ):
        op.drop_table(table)


def _add_what_was_heard() -> None:
    op.create_table(
        "participant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("folded_code", sa.String(), nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("consent_purpose", sa.String(), nullable=False),
        sa.Column("consent_scope", sa.String(), nullable=False),
        sa.Column("consent_on", sa.Date(), nullable=True),
        sa.Column("consent_until", sa.Date(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        _to("participant", "study"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participant")),
        sa.UniqueConstraint(
            "study_id", "folded_code", name=op.f("uq_participant_study_id_folded_code")
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("hash", name=op.f("uq_attachment_hash")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("participant_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("completed_at", sa.DateTime(), nullable=True),
        sa.Column("removed_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('transcript', 'notes', 'survey', 'image', 'pdf')",
            name=op.f("ck_source_kind"),
        ),
        *(_to("source", noun) for noun in ("study", "participant", "attachment", "person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("key", name=op.f("uq_source_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "passage",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("speaker", sa.String(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=True),
        sa.Column("heading", sa.String(), nullable=False),
        sa.Column("from_ms", sa.Integer(), nullable=True),
        sa.Column("to_ms", sa.Integer(), nullable=True),
        *(_to("passage", noun) for noun in ("source", "participant")),
        sa.PrimaryKeyConstraint("source_id", "position", name=op.f("pk_passage")),
    )
    for table, columns in (
        ("participant", ["study_id"]),
        ("participant", ["consent_until"]),
        ("participant", ["withdrawn_on"]),
        ("source", ["study_id"]),
        ("source", ["participant_id"]),
        ("source", ["attachment_id"]),
        ("source", ["person_id"]),
        ("passage", ["participant_id"]),
        ("passage", ["source_id", "start"]),
    ):
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)


def _add_what_was_agreed() -> None:
    op.create_table(
        "policy",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_policy")),
    )
    op.create_table(
        "review_period",
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        _to("review_period", "tag"),
        sa.PrimaryKeyConstraint("tag_id", name=op.f("pk_review_period")),
    )
    op.create_table(
        "scratch",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        _to("scratch", "person"),
        sa.PrimaryKeyConstraint("person_id", "form", name=op.f("pk_scratch")),
    )
    op.create_table(
        "confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("atom_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        *(_to("confirmation", noun) for noun in ("atom", "person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation")),
        sqlite_autoincrement=True,
    )
    for column in ("atom_id", "person_id"):
        op.create_index(op.f(f"ix_confirmation_{column}"), "confirmation", [column])


def _to(table: str, noun: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{noun}_id_{noun}")
    return sa.ForeignKeyConstraint([f"{noun}_id"], [f"{noun}.id"], name=name)
