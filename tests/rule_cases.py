"""Twenty atoms under the rules of tag groups, and what becomes of each: the same at every door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from research_repo.core import schemes, study_tags, tagging
from research_repo.core.models import Person, Study, Tag
from research_repo.core.schemes import Rules
from tests import make

PUBLISHED, DRAFT, OFFENDS, REFUSED = "published", "draft", "offends", "refused"

ONE = {"is_single": True}
FACTS = {"kinds": ("fact",)}
NEEDED = {"is_required": True}


@dataclass(frozen=True)
class Case:
    """What somebody writes down, under which rules (scheme → rules), and how it ends.

    It is published or a draft as it was asked, or it offends: then pages and the API refuse to
    publish it, and an import keeps it as a draft; `advice` is told. What is refused no door takes.
    """

    name: str
    ends: str
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    kind: str = "fact"
    status: str = "published"
    of_study: tuple[str, ...] = ()
    not_applicable: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()


MAJOR, MINOR = "Severity > Major", "Severity > Minor"
BLOCKER, CRITICAL = "Severity > Blocker", "Severity > Critical"
PAYMENT, CARD = "Product area > Payment", "Product area > Payment > Card"

CASES = (
    Case("without rules nothing is asked", PUBLISHED),
    Case("one tag where one is taken", PUBLISHED, {"severity": ONE}, (MAJOR,)),
    Case(
        "two tags where one is taken",
        OFFENDS,
        {"severity": ONE},
        (MAJOR, MINOR),
        advice=("“Severity” takes one tag, and here are several: Major, Minor. Leave one.",),
    ),
    Case(
        "a tag and the one that was merged into it are one",
        PUBLISHED,
        {"severity": ONE},
        (BLOCKER, CRITICAL),
    ),
    Case(
        "a tag and the one that it includes are two",
        OFFENDS,
        {"product-area": ONE},
        (PAYMENT, CARD),
        advice=("“Product area” takes one tag", "Payment", "Card"),
    ),
    Case("two groups of one tag each", PUBLISHED, {"severity": ONE}, (MAJOR, PAYMENT)),
    Case(
        "its own tag and another one of its study",
        OFFENDS,
        {"severity": ONE},
        (MAJOR,),
        of_study=(MINOR,),
        advice=("Major, Minor (from the study)",),
    ),
    Case(
        "the same tag of its own and of its study is one",
        PUBLISHED,
        {"severity": ONE},
        (MAJOR,),
        of_study=(MAJOR,),
    ),
    Case(
        "an insight with a tag that is for facts",
        OFFENDS,
        {"severity": FACTS},
        (MAJOR,),
        kind="insight",
        advice=("“Severity” is for facts only. Take off: Major.",),
    ),
    Case("a fact with a tag that is for facts", PUBLISHED, {"severity": FACTS}, (MAJOR,)),
    Case(
        "an insight inherits no tag that is for facts",
        PUBLISHED,
        {"severity": FACTS},
        kind="insight",
        of_study=(MAJOR,),
    ),
    Case(
        "no tag where one is needed",
        OFFENDS,
        {"severity": NEEDED},
        (PAYMENT,),
        advice=("“Severity” needs a tag. Choose one, or say that the group does not apply.",),
    ),
    Case("a tag where one is needed", PUBLISHED, {"severity": NEEDED}, (MINOR,)),
    Case(
        "the word that none applies where one is needed",
        PUBLISHED,
        {"severity": NEEDED},
        not_applicable=("severity",),
    ),
    Case(
        "a tag and the word that none applies",
        OFFENDS,
        {"severity": NEEDED},
        (MAJOR,),
        not_applicable=("severity",),
        advice=("“Severity” is said not to apply, and has a tag: Major.",),
    ),
    Case(
        "the study's tag is a tag where one is needed",
        PUBLISHED,
        {"severity": NEEDED},
        of_study=(BLOCKER,),
    ),
    Case(
        "an insight needs no tag of a group that is for facts",
        PUBLISHED,
        {"severity": {**NEEDED, **FACTS}},
        kind="insight",
    ),
    Case("a draft may break every rule", DRAFT, {"severity": NEEDED}, status="draft"),
    Case(
        "two groups broken at once are both told",
        OFFENDS,
        {"severity": NEEDED, "product-area": ONE},
        (PAYMENT, CARD),
        advice=("“Severity” needs a tag", "“Product area” takes one tag"),
    ),
    Case(
        "a new word for a group to which only curators add",
        REFUSED,
        {"severity": {"who_may_add": "curators"}},
        ("Severity > Awful",),
        advice=("Only tag curators add tags to “Severity”", "Ilya"),
    ),
)


def lay_out(session: Session, by: Person, case: Case) -> Study:
    """The repository in which a case happens: Ilya answers for every group with rules."""
    ilya = make.person(session, "Ilya", "curator")
    study = make.study(session, by, key="case")
    blocker = session.get_one(Tag, tagging.named(session, ilya, [BLOCKER], "en")[0])
    critical = make.tag(session, ilya, "Critical", scheme="severity")
    critical.replaced_by = blocker.id
    payment = make.tag(session, ilya, "Payment")
    make.tag(session, ilya, "Card", under=payment)
    study_tags.put(session, ilya, study, tagging.named(session, ilya, case.of_study, "en"))
    for key, told in case.rules.items():
        schemes.set_rules(session, ilya, key, Rules(**told, steward_id=ilya.id))
    return study
