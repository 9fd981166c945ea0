"""What somebody may not see is absent: from hits, totals, counts, corrections and suggestions."""

from __future__ import annotations

import pytest

from research_repo.core import atoms, studies
from research_repo.search import Wanted
from research_repo.search.files import Damaged
from tests.search.conftest import House


@pytest.fixture
def secret(house: House) -> House:
    """A members-only study of Marina's that speaks of salaries; Pavel is not on its team."""
    study = house.study("secret", access="members")
    tag = house.tag("Pay")
    house.atom("Salaries differ by half", study=study, tags=[tag])
    house.atom("Bonuses are paid late", tags=[tag])
    house.find()
    return house


def test_a_closed_study_is_found_by_its_team_and_by_admins_only(secret: House) -> None:
    assert secret.titles("salaries", by="marina") == ["Salaries differ by half"]
    assert secret.titles("salaries", by="anna") == ["Salaries differ by half"]
    for outsider in ("pavel", "olga", "ilya"):
        found = secret.find("salaries", by=outsider)
        assert (found.total, found.hits, found.tag_counts) == (0, (), {})


def test_a_closed_study_is_in_no_count(secret: House) -> None:
    found = secret.find(by="pavel")
    assert found.total == 1
    assert list(found.tag_counts.values()) == [1]
    assert sum(found.study_counts.values()) == sum(found.year_counts.values()) == 1
    assert list(secret.search.counts(secret.people["pavel"]).values()) == [1]
    assert list(secret.search.counts(secret.people["marina"]).values()) == [2]
    assert secret.find("pay", by="pavel").meanings[0].count == 1
    assert secret.find(studies=("secret",), by="pavel").total == 0


def test_suggestions_count_only_what_is_seen(secret: House) -> None:
    counts = [
        secret.search.suggest("pay", secret.people[name], "en")[0].count
        for name in ("pavel", "marina")
    ]
    assert counts == [1, 2]


def test_no_correction_tells_a_word_of_a_closed_study(secret: House) -> None:
    assert secret.find("salares", by="marina").corrections[0].used == "salaries"
    assert secret.find("salares", by="pavel").corrections == ()


def test_drafts_are_seen_by_author_and_team(house: House) -> None:
    study = house.study("open-study")
    house.do(studies.add_member, "marina", study.key, "pavel@example.org", may_edit=True)
    house.atom("Draft of the team", study=study, status="draft")
    house.atom("Draft of mine", kind="insight", status="draft")
    wanted = {"statuses": ("draft",)}
    assert len(house.titles("draft", by="marina", **wanted)) == 2
    assert house.titles("draft", by="pavel", **wanted) == ["Draft of the team"]
    assert house.titles("draft", by="olga", **wanted) == []


def test_an_atom_withdrawn_a_moment_ago_is_gone_before_the_index_knows(house: House) -> None:
    atom = house.atom("Prices jump", kind="insight")
    assert house.find("prices", by="olga").total == 1
    house.do(atoms.set_status, "marina", atom.key, atom.version, "draft")
    assert house.search.find(Wanted("prices"), house.people["olga"]).total == 0


def test_a_study_closed_a_moment_ago_is_gone_at_once(house: House) -> None:
    study = house.study("prices")
    house.atom("Prices jump", study=study)
    assert house.find("prices", by="olga").total == 1
    values = studies.ready(studies.StudyValues(title=study.title, access="members"))
    house.do(studies.change, "marina", study.key, study.version, values)
    assert house.search.find(Wanted("prices"), house.people["olga"]).total == 0


def test_access_holds_while_the_index_is_rebuilt(secret: House) -> None:
    secret.search.live.report(Damaged("by hand"))
    found = secret.search.find(Wanted("salaries"), secret.people["pavel"])
    assert (found.total, found.rebuilding) == (0, 0.0)
    assert secret.search.find(Wanted("salaries"), secret.people["marina"]).total == 1
    assert list(secret.search.counts(secret.people["pavel"]).values()) == [1]


def test_a_tag_that_waits_for_review_in_a_closed_study_is_unknown_outside(house: House) -> None:
    study = house.study("secret", access="members")
    house.atom("Nobody asks", study=study, tags=["Severance"])
    house.find()
    suggest = house.search.suggest
    assert [s.label for s in suggest("sever", house.people["marina"], "en")] == ["Severance"]
    assert suggest("sever", house.people["pavel"], "en") == []
    assert house.find("severanse", by="pavel").corrections == ()
