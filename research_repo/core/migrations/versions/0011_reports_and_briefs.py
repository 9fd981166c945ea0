"""Reports that are arranged, frozen and shared, and what was known before a study"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = (
    "recommendation",
    "share",
    "report_ground",
    "report_citation",
    "report_version",
    "report_atom",
    "report_template",
    "report",
    "brief",
)


def upgrade() -> None:
    _add_reports()
    _add_versions()
    _add_briefs()
    _add_recommendations()
    why = sa.Column("started_why", sa.String(), nullable=False, server_default="")
    op.add_column("study", why)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    with op.batch_alter_table("study", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_column("started_why")


def _add_reports() -> None:
    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=True),
        sa.Column("tag_id", sa.Integer(), nullable=True),
        sa.Column("wanted", sa.JSON(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("layout", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "scope IN ('study', 'search', 'tag', 'list')", name=op.f("ck_report_scope")
        ),
        _to("report", "owner_id", "person"),
        _to("report", "study_id", "study"),
        _to("report", "tag_id", "tag"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("key", name=op.f("uq_report_key")),
        sa.UniqueConstraint("study_id", name=op.f("uq_report_study_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_report_owner_id"), "report", ["owner_id"])
    op.create_index(op.f("ix_report_tag_id"), "report", ["tag_id"])
    op.create_table(
        "report_atom",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("atom_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _to("report_atom", "atom_id", "atom"),
        _to("report_atom", "report_id", "report"),
        sa.PrimaryKeyConstraint("report_id", "atom_id", "place", name=op.f("pk_report_atom")),
    )
    op.create_index(op.f("ix_report_atom_atom_id"), "report_atom", ["atom_id"])
    op.create_table(
        "report_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("layout", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_template")),
        sa.UniqueConstraint("key", name=op.f("uq_report_template_key")),
        sqlite_autoincrement=True,
    )


def _add_versions() -> None:
    op.create_table(
        "report_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("atom_count", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=False),
        sa.Column("redacted_at", sa.DateTime(), nullable=True),
        _to("report_version", "person_id", "person"),
        _to("report_version", "report_id", "report"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_version")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_report_version_person_id"), "report_version", ["person_id"])
    op.create_index(op.f("ix_report_version_report_id"), "report_version", ["report_id"])
    op.create_table(
        "report_citation",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("atom_id", sa.Integer(), nullable=False),
        sa.Column("atom_version", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        _to("report_citation", "atom_id", "atom"),
        _to("report_citation", "version_id", "report_version"),
        sa.PrimaryKeyConstraint("version_id", "atom_id", name=op.f("pk_report_citation")),
    )
    op.create_index(op.f("ix_report_citation_atom_id"), "report_citation", ["atom_id"])
    op.create_table(
        "report_ground",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        _to("report_ground", "study_id", "study"),
        _to("report_ground", "version_id", "report_version"),
        sa.PrimaryKeyConstraint("version_id", "study_id", name=op.f("pk_report_ground")),
    )
    op.create_index(op.f("ix_report_ground_study_id"), "report_ground", ["study_id"])
    op.create_table(
        "share",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=True),
        _to("share", "person_id", "person"),
        _to("share", "version_id", "report_version"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_share_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_share_person_id"), "share", ["person_id"])
    op.create_index(op.f("ix_share_version_id"), "share", ["version_id"])


def _add_briefs() -> None:
    op.create_table(
        "brief",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("decision_note", sa.String(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("days_saved", sa.Integer(), nullable=True),
        sa.Column("study_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "decision IN ('', 'enough', 'narrow', 'request')", name=op.f("ck_brief_decision")
        ),
        _to("brief", "decided_by", "person"),
        _to("brief", "person_id", "person"),
        _to("brief", "study_id", "study"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brief")),
        sa.UniqueConstraint("key", name=op.f("uq_brief_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_brief_decided_by"), "brief", ["decided_by"])
    op.create_index(op.f("ix_brief_decision"), "brief", ["decision"])
    op.create_index(op.f("ix_brief_person_id"), "brief", ["person_id"])
    op.create_index(op.f("ix_brief_study_id"), "brief", ["study_id"])


def _add_recommendations() -> None:
    op.create_table(
        "recommendation",
        sa.Column("atom_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "stage IN ('proposed', 'accepted', 'in_progress', 'done', 'declined')",
            name=op.f("ck_recommendation_stage"),
        ),
        _to("recommendation", "atom_id", "atom"),
        _to("recommendation", "changed_by", "person"),
        sa.PrimaryKeyConstraint("atom_id", name=op.f("pk_recommendation")),
    )
    op.create_index(op.f("ix_recommendation_changed_by"), "recommendation", ["changed_by"])


def _to(table: str, column: str, noun: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{noun}.id"], name=op.f(f"fk_{table}_{column}_{noun}")
    )
