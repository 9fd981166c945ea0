"""Tags put on many atoms at once: what was asked for, and what each part wrote"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bulk_tagging",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("added", sa.JSON(), nullable=False),
        sa.Column("removed", sa.JSON(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "status IN ('running', 'done', 'undoing', 'undone')",
            name=op.f("ck_bulk_tagging_status"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_bulk_tagging_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_tagging")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_bulk_tagging_person_id"), "bulk_tagging", ["person_id"])
    counts = ("changed", "same", "not_yours", "refused", "taken_back")
    op.create_table(
        "bulk_step",
        sa.Column("bulk_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("atom_ids", sa.JSON(), nullable=False),
        sa.Column("images", sa.JSON(), nullable=True),
        sa.Column("told", sa.JSON(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bulk_id"], ["bulk_tagging.id"], name=op.f("fk_bulk_step_bulk_id_bulk_tagging")
        ),
        sa.PrimaryKeyConstraint("bulk_id", "position", name=op.f("pk_bulk_step")),
    )


def downgrade() -> None:
    for table in ("bulk_step", "bulk_tagging"):
        op.drop_table(table)
