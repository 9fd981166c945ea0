"""Files that come in"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("completed_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_import_run_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_import_run_person_id"), "import_run", ["person_id"])
    op.create_table(
        "imported_row",
        sa.Column("atom_id", sa.Integer(), nullable=False),
        sa.Column("identity", sa.String(), nullable=True),
        sa.Column("content", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["atom_id"], ["atom.id"], name=op.f("fk_imported_row_atom_id_atom")
        ),
        sa.PrimaryKeyConstraint("atom_id", name=op.f("pk_imported_row")),
    )
    op.create_index(op.f("ix_imported_row_identity"), "imported_row", ["identity"])
    op.create_index(op.f("ix_atom_external_id"), "atom", ["external_id"])
    for table in ("study", "atom"):
        # A batch would make the table anew, which SQLite refuses while rows refer to it.
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN import_id INTEGER "
            f"CONSTRAINT fk_{table}_import_id_import_run REFERENCES import_run (id)"
        )
        op.create_index(op.f(f"ix_{table}_import_id"), table, ["import_id"])


def downgrade() -> None:
    for table in ("study", "atom"):
        op.drop_index(op.f(f"ix_{table}_import_id"), table)
        op.execute(f"ALTER TABLE {table} DROP COLUMN import_id")
    op.drop_index(op.f("ix_atom_external_id"), "atom")
    op.drop_table("imported_row")
    op.drop_table("import_run")
