"""Atoms are counted by study, and the newest of them found, without reading them all"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INDEXES = (
    ("created_at",),
    ("study_id", "kind", "status", "import_id"),
)


def upgrade() -> None:
    for columns in INDEXES:
        op.create_index(op.f(f"ix_atom_{'_'.join(columns)}"), "atom", columns)


def downgrade() -> None:
    for columns in INDEXES:
        op.drop_index(op.f(f"ix_atom_{'_'.join(columns)}"), table_name="atom")
