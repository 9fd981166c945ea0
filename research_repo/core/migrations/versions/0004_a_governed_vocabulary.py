"""A governed vocabulary: rules of schemes, related tags, tags of studies, change sets"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("index_queue", sa.Column("import_id", sa.Integer(), nullable=True))
    _rules()
    _notes(("definition", "scope", "example"))
    _pairs("tag_related", ("one_id", "tag"), ("other_id", "tag"), check="one_id < other_id")
    _pairs("study_tag", ("study_id", "study"), ("tag_id", "tag"), by_person=True)
    _pairs("atom_not_applicable", ("atom_id", "atom"), ("scheme_id", "scheme"), by_person=True)
    op.create_table(
        "change_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("images", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "status IN ('draft', 'proposed', 'applied', 'undone', 'rejected')",
            name=op.f("ck_change_set_status"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_change_set_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["person.id"], name=op.f("fk_change_set_decided_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_set")),
        sa.UniqueConstraint("key", name=op.f("uq_change_set_key")),
        sqlite_autoincrement=True,
    )
    for column in ("status", "person_id", "decided_by"):
        op.create_index(op.f(f"ix_change_set_{column}"), "change_set", [column])


def _rules() -> None:
    no = sa.false()
    op.add_column("scheme", sa.Column("is_single", sa.Boolean(), nullable=False, server_default=no))
    op.add_column("scheme", sa.Column("kinds", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column(
        "scheme", sa.Column("is_required", sa.Boolean(), nullable=False, server_default=no)
    )
    # A batch would make the table anew, which SQLite refuses while rows refer to it.
    op.execute(
        "ALTER TABLE scheme ADD COLUMN who_may_add VARCHAR NOT NULL DEFAULT 'anyone' "
        "CONSTRAINT ck_scheme_who_may_add "
        "CHECK (who_may_add IN ('anyone', 'review', 'curators'))"
    )
    op.execute(
        "ALTER TABLE scheme ADD COLUMN steward_id INTEGER "
        "CONSTRAINT fk_scheme_steward_id_person REFERENCES person (id)"
    )
    op.create_index(op.f("ix_scheme_steward_id"), "scheme", ["steward_id"])


def _notes(kinds: tuple[str, ...]) -> None:
    op.execute("CREATE TABLE tag_note_before AS SELECT tag_id, language, text FROM tag_note")
    op.drop_table("tag_note")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_table(
        "tag_note",
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.CheckConstraint(f"kind IN ({listed})", name=op.f("ck_tag_note_kind")),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_tag_note_tag_id_tag")),
        sa.PrimaryKeyConstraint("tag_id", "kind", "language", name=op.f("pk_tag_note")),
    )
    op.execute(
        "INSERT INTO tag_note (tag_id, kind, language, text) "
        "SELECT tag_id, 'scope', language, text FROM tag_note_before"
    )
    op.drop_table("tag_note_before")


def _pairs(
    table: str,
    one: tuple[str, str],
    other: tuple[str, str],
    *,
    by_person: bool = False,
    check: str = "",
) -> None:
    columns: list[sa.Column | sa.Constraint] = [
        sa.Column(name, sa.Integer(), nullable=False) for name, _ in (one, other)
    ]
    refers = [one, other]
    if by_person:
        columns += [
            sa.Column("person_id", sa.Integer(), nullable=False),
            sa.Column("created_at", sa.DateTime(), nullable=False),
        ]
        refers.append(("person_id", "person"))
    columns += [
        sa.ForeignKeyConstraint([name], [f"{noun}.id"], name=op.f(f"fk_{table}_{name}_{noun}"))
        for name, noun in refers
    ]
    columns.append(sa.PrimaryKeyConstraint(one[0], other[0], name=op.f(f"pk_{table}")))
    if check:
        columns.append(sa.CheckConstraint(check, name=op.f(f"ck_{table}_in_order")))
    op.create_table(table, *columns)
    for name, _ in refers[1:]:
        op.create_index(op.f(f"ix_{table}_{name}"), table, [name])


def downgrade() -> None:
    op.execute("DELETE FROM index_queue WHERE import_id IS NOT NULL")
    op.execute("ALTER TABLE index_queue DROP COLUMN import_id")
    for table in ("change_set", "atom_not_applicable", "study_tag", "tag_related"):
        op.drop_table(table)
    op.execute("DELETE FROM tag_note WHERE kind <> 'scope'")
    op.execute("CREATE TABLE tag_note_after AS SELECT tag_id, language, text FROM tag_note")
    op.drop_table("tag_note")
    op.create_table(
        "tag_note",
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_tag_note_tag_id_tag")),
        sa.PrimaryKeyConstraint("tag_id", "language", name=op.f("pk_tag_note")),
    )
    op.execute("INSERT INTO tag_note SELECT tag_id, language, text FROM tag_note_after")
    op.drop_table("tag_note_after")
    op.drop_index(op.f("ix_scheme_steward_id"), "scheme")
    for column in ("steward_id", "who_may_add", "is_required", "kinds", "is_single"):
        op.execute(f"ALTER TABLE scheme DROP COLUMN {column}")
