"""Work on many claims says what is done with them; how old claims are is found without their bodies"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

AGE = (
    *("review_by", "observed_on", "created_at", "status"),
    *("kind", "study_id", "author_id", "import_id"),
)


def upgrade() -> None:
    # Added as they are: to write the table anew would forget which ids it has given already.
    op.execute(
        "ALTER TABLE bulk_tagging ADD COLUMN deed VARCHAR NOT NULL DEFAULT 'tag' "
        "CONSTRAINT ck_bulk_tagging_deed CHECK (deed IN ('tag', 'confirm', 'archive'))"
    )
    note = sa.Column("note", sa.String(), nullable=False, server_default="")
    op.add_column("bulk_tagging", note)
    op.create_index("ix_atom_age", "atom", list(AGE))


def downgrade() -> None:
    op.drop_index("ix_atom_age", "atom")
    with op.batch_alter_table("bulk_tagging", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint(op.f("ck_bulk_tagging_deed"), type_="check")
        batch.drop_column("deed")
        batch.drop_column("note")
