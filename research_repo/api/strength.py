"""The strength of a claim, with the sum behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from research_repo.api.contract import operation
from research_repo.api.door import caller, language, reading
from research_repo.api.strength_bodies import StrengthAnswer
from research_repo.core import arithmetic
from research_repo.core.arithmetic import Claim, Share
from research_repo.core.language import say


@operation(
    "GET",
    "/atoms/<key>/strength",
    say("How strong an atom is, of what you see: the counts, what they come from, the rules."),
    StrengthAnswer,
)
def strength_of_atom(key: str) -> StrengthAnswer:
    with reading() as session:
        found = arithmetic.of_atom(session, caller(), key)
    return StrengthAnswer.model_validate(
        {
            "strength": found.strength.plain(),
            "shares": [_share(one) for one in found.shares],
            "rests_on": _named(found.resting),
            "against": _named(found.against),
            "left_out": dict(found.left_out),
            "rules": [
                {"level": rule.level, "asks": rule.asks.put(language()), "is_met": rule.is_met}
                for rule in found.rules
            ],
        }
    )


def _share(one: Share) -> dict[str, Any]:
    told = asdict(one)
    lists = {name: list(told.pop(name)) for name in ("respondents", "measured")}
    return {"study": told.pop("key"), **told, **lists}


def _named(claims: Iterable[Claim]) -> list[dict[str, Any]]:
    return [{"id": one.key, "kind": one.kind, "title": one.title} for one in claims]
