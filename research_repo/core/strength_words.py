"""Strength in words: the counts first, the level second; for pages, files and the command line."""

from __future__ import annotations

from research_repo.core.language import Message, say, say_many
from research_repo.core.strength import Strength
from research_repo.core.terms import term


def counts(strength: Strength, kind: str) -> list[Message]:
    """What was counted, as a card tells it; nothing that goes without saying.

    A fact has its own study, and one study one method. What speaks against it is not among these.
    """
    told = []
    if strength.respondents:
        told.append(say_many("%(count)s respondent", "%(count)s respondents", strength.respondents))
    if strength.measured:
        told.append(say_many("%(count)s measurement", "%(count)s measurements", strength.measured))
    if strength.studies > (kind == "fact"):
        told.append(say_many("%(count)s study", "%(count)s studies", strength.studies))
    if strength.studies > 1:
        told.append(say_many("%(count)s method", "%(count)s methods", strength.methods))
    if not strength.studies:
        bare = say_many(
            "%(count)s fact without quotes or data",
            "%(count)s facts without quotes or data",
            strength.facts,
        )
        told.append(say("no quote or data yet") if kind == "fact" or not strength.facts else bare)
    return told or [say("no respondent named")]


def line(strength: Strength, kind: str) -> list[Message]:
    """The whole line of a card, for what has no colours: counts, what is against, the level."""
    told = counts(strength, kind)
    if strength.contradicting:
        told.append(say("%(count)s against", count=strength.contradicting))
    return [*told, term("strength", strength.level)]
