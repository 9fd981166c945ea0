"""What answers tell of the strength of a claim."""

from __future__ import annotations

from datetime import date
from typing import Literal

from research_repo.api.fields import Body, told
from research_repo.core.language import say

Level = Literal["weak", "fair", "strong", "disputed"]


class StrengthTold(Body):
    """The counts of a claim, of what the caller sees, and the level that they make."""

    respondents: int = told(say("Different people quoted in what it rests on, itself included."))
    studies: int = told(say("Different studies that brought quotes, data, links or files."))
    methods: int = told(say("Different methods of these studies."))
    supporting: int = told(say("Other published atoms that it rests on."))
    facts: int = told(say("Different facts among them, itself included."))
    contradicting: int = told(say("Different published atoms that contradict it."))
    measured: int = told(say("Studies that brought a number with n of 30 or more."))
    latest: date = told(
        say("When the newest of what it rests on was observed or written down."), ..., strict=False
    )
    level: Level


class ClaimNamed(Body):
    id: str
    kind: Literal["fact", "insight", "recommendation"]
    title: str


class MeasuredNumber(Body):
    text: str
    number: float
    unit: str
    n: int


class StudyShare(Body):
    """What one study brings."""

    study: str
    title: str
    method: str
    respondents: list[str] = told(say("Who is quoted, each once."))
    measured: list[MeasuredNumber]


class LeftOut(Body):
    """How many pieces count nothing, or less than it seems."""

    bare: int = told(say("Facts with neither quotes nor data."))
    nameless: int = told(say("Quotes that do not say who was heard."))
    small: int = told(say("Numbers with n below 30, or without n."))
    copied: int = told(say("Pieces that stand there twice, word for word."))
    outside: int = told(say("Pieces in atoms without a study."))
    replaced: int = told(say("Atoms that would support it, had no newer one replaced them."))


class LevelRule(Body):
    level: Level = told(say("The first level all of whose rules are met holds; else it is weak."))
    asks: str
    is_met: bool


class StrengthAnswer(Body):
    strength: StrengthTold
    shares: list[StudyShare]
    rests_on: list[ClaimNamed]
    against: list[ClaimNamed]
    left_out: LeftOut
    rules: list[LevelRule]
