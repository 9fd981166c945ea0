"""Keys that expire, and a person's last tags found at once"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_token", sa.Column("expires_at", sa.DateTime(), nullable=True))
    op.create_index(
        op.f("ix_atom_tag_person_id_created_at"), "atom_tag", ["person_id", "created_at"]
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_atom_tag_person_id_created_at"), "atom_tag")
    op.drop_column("api_token", "expires_at")
