"""The nouns: one class per table. Classes hold values and check nothing; verbs check."""

from sqlmodel import SQLModel

from research_repo.core.models.atoms import (
    ATOM_STATUSES,
    EVIDENCE_KINDS,
    KINDS,
    LINK_KINDS,
    Atom,
    AtomQuestion,
    Evidence,
    Link,
)
from research_repo.core.models.bulk import BULK_STATUSES, BulkStep, BulkTagging
from research_repo.core.models.columns import NEVER_REUSED, UtcDateTime
from research_repo.core.models.people import (
    ROLES,
    ApiToken,
    Person,
    Repository,
)
from research_repo.core.models.searches import Follow, SavedSearch, SearchMiss
from research_repo.core.models.studies import (
    ACCESSES,
    METHODS,
    STUDY_STATUSES,
    Question,
    Study,
    StudyMember,
)
from research_repo.core.models.tags import (
    CHANGE_STATUSES,
    LABEL_KINDS,
    NOTE_KINDS,
    TAG_STATUSES,
    WHO_MAY_ADD,
    AtomNotApplicable,
    AtomTag,
    ChangeSet,
    Scheme,
    SchemeLabel,
    StudyTag,
    Tag,
    TagLabel,
    TagNote,
    TagParent,
    TagRelated,
)
from research_repo.core.models.work import (
    JOB_STATUSES,
    History,
    HistoryPayload,
    ImportedRow,
    ImportRun,
    IndexQueue,
    Job,
    Notice,
)

# A foreign key that a merge or a withdrawal must follow is found by walking this metadata.
metadata = SQLModel.metadata

__all__ = [
    "BULK_STATUSES",
    "BulkStep",
    "BulkTagging",
    "Follow",
    "SavedSearch",
    "SearchMiss",
    "TagRelated",
    "StudyTag",
    "ChangeSet",
    "AtomNotApplicable",
    "WHO_MAY_ADD",
    "NOTE_KINDS",
    "CHANGE_STATUSES",
    "ACCESSES",
    "ATOM_STATUSES",
    "ApiToken",
    "Atom",
    "AtomQuestion",
    "AtomTag",
    "EVIDENCE_KINDS",
    "Evidence",
    "History",
    "HistoryPayload",
    "ImportRun",
    "ImportedRow",
    "IndexQueue",
    "JOB_STATUSES",
    "Job",
    "KINDS",
    "LABEL_KINDS",
    "LINK_KINDS",
    "Link",
    "METHODS",
    "NEVER_REUSED",
    "Notice",
    "Person",
    "Question",
    "ROLES",
    "Repository",
    "STUDY_STATUSES",
    "Scheme",
    "SchemeLabel",
    "Study",
    "StudyMember",
    "TAG_STATUSES",
    "Tag",
    "TagLabel",
    "TagNote",
    "TagParent",
    "UtcDateTime",
    "metadata",
]
