"""People: who gets in, what ends with a right, and that nobody is left without an administrator."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from research_repo.core import clock, history, instance, notices, people, tokens
from research_repo.core.errors import Invalid, NotAllowed, NotFound
from research_repo.core.models import ApiToken, Person
from tests import make


@pytest.fixture(scope="module")
def password() -> people.NewPassword:
    return people.chosen_password("correct horse battery staple")


@pytest.fixture
def admin(session: Session) -> Person:
    return make.person(session, "Vera", "admin")


def first_admin(session: Session, **values: Any) -> Person:
    given = {"title": "Bank", "name": "Vera", "email": "Vera@Example.org", "language": "ru"}
    return people.first_admin(session, **{**given, **values}, password=make.HASH)


def test_the_first_admin_names_the_repository_and_comes_once(session: Session) -> None:
    person = first_admin(session)
    assert (person.role, person.email, person.language) == ("admin", "vera@example.org", "ru")
    assert instance.repository(session).title == "Bank"
    with pytest.raises(NotFound):
        first_admin(session, email="second@example.org")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "  "),
        ("title", "x" * 81),
        ("name", " "),
        ("name", "x" * 201),
        ("email", "vera"),
        ("email", "vera@"),
        ("email", "a b@example.org"),
        ("email", f"{'v' * 250}@example.org"),
    ],
)
def test_a_first_admin_that_cannot_be_is_refused_beside_the_field(
    session: Session, field: str, value: str
) -> None:
    with pytest.raises(Invalid) as refused:
        first_admin(session, **{field: value})
    assert list(refused.value.problems) == [field]
    assert people.is_empty(session)


@pytest.mark.parametrize("role", ["reader", "researcher", "curator"])
def test_only_an_admin_keeps_the_people(session: Session, admin: Person, role: str) -> None:
    by = make.person(session, "Olga", role)
    for verb in (
        lambda: people.add(session, by, "x@example.org", "X", "reader", make.HASH),
        lambda: people.change(session, by, by.id, "Olga", "admin", True),
        lambda: people.set_password(session, by, admin.id, make.HASH),
        lambda: people.end_sessions(session, by, admin.id),
        lambda: tokens.add(session, by, admin.id, "script"),
        lambda: people.listed(session, by),
    ):
        with pytest.raises(NotAllowed):
            verb()
    assert by.role == role


def test_an_email_in_another_case_is_taken(session: Session, admin: Person) -> None:
    with pytest.raises(Invalid, match="already here. Nothing was changed"):
        people.add(session, admin, " VERA@example.org", "Vera", "reader", make.HASH)


def test_a_role_outside_the_list_is_refused(session: Session, admin: Person) -> None:
    with pytest.raises(Invalid, match="reader, researcher, curator, admin"):
        people.add(session, admin, "x@example.org", "X", "owner", make.HASH)


@pytest.mark.parametrize(("role", "is_active"), [("curator", True), ("admin", False)])
def test_the_last_admin_stays(session: Session, admin: Person, role: str, is_active: bool) -> None:
    with pytest.raises(Invalid, match="last administrator"):
        people.change(session, admin, admin.id, "Vera", role, is_active)
    make.person(session, "Petr", "admin")
    people.change(session, admin, admin.id, "Vera", role, is_active)


def test_an_admin_who_is_shut_out_does_not_count_as_one(session: Session, admin: Person) -> None:
    other = make.person(session, "Petr", "admin")
    people.change(session, admin, other.id, "Petr", "admin", False)
    with pytest.raises(Invalid, match="last administrator"):
        people.change(session, admin, admin.id, "Vera", "reader", True)


def test_sessions_end_with_every_right_that_goes_and_stay_with_a_new_name(
    session: Session, admin: Person
) -> None:
    olga = make.person(session, "Olga", "curator")
    epochs = [olga.session_epoch]
    for change in (
        lambda: people.change(session, admin, olga.id, "Olga Petrova", "curator", True),
        lambda: people.change(session, admin, olga.id, "Olga", "reader", True),
        lambda: people.change(session, admin, olga.id, "Olga", "reader", False),
        lambda: people.set_password(session, admin, olga.id, make.HASH),
        lambda: people.end_sessions(session, olga, olga.id),
    ):
        change()
        epochs.append(olga.session_epoch)
    assert [after - before for before, after in zip(epochs, epochs[1:], strict=False)] == [
        0,
        1,
        1,
        1,
        1,
    ]


def opens(session: Session, email: str, text: str) -> bool:
    """Whether somebody has this e-mail and the password fits."""
    return people.proves(people.by_email(session, email), text)


def test_the_system_cannot_be_changed_nor_sign_in(session: Session, admin: Person) -> None:
    system = people.system(session)
    with pytest.raises(NotFound):
        people.change(session, admin, system.id, "x", "reader", False)
    assert not opens(session, "system", "")
    assert system not in people.listed(session, admin)


def test_people_are_listed_the_active_first_by_name(session: Session, admin: Person) -> None:
    anna = make.person(session, "Anna", "reader")
    make.person(session, "Zoya", "reader")
    people.change(session, admin, anna.id, "Anna", "reader", False)
    assert [person.name for person in people.listed(session, admin)] == ["Vera", "Zoya", "Anna"]


def test_a_password_opens_in_any_case_of_the_email_and_no_other_word_does(
    session: Session, password: people.NewPassword
) -> None:
    olga = make.person(session, "Olga", "reader", password=password)
    assert people.by_email(session, " OLGA@Example.org ") == olga
    assert opens(session, " OLGA@Example.org ", password.text)
    assert not opens(session, "olga@example.org", password.text.upper())
    assert not opens(session, "nobody@example.org", password.text)


def test_whoever_is_shut_out_cannot_sign_in_nor_use_a_token(
    session: Session, admin: Person, password: people.NewPassword
) -> None:
    olga = make.person(session, "Olga", "reader", password=password)
    _, secret = tokens.add(session, olga, olga.id, "script")
    people.change(session, admin, olga.id, "Olga", "reader", False)
    assert not opens(session, "olga@example.org", password.text)
    assert tokens.owner(session, secret) is None


@pytest.mark.parametrize("text", ["", "short", "x" * 11, "x" * 1001])
def test_a_password_too_short_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="characters"):
        people.chosen_password(text)


def test_a_one_time_password_is_different_every_time_and_must_be_changed() -> None:
    one, two = people.one_time_password(), people.one_time_password()
    assert one.text != two.text
    assert one.is_one_time
    assert len(one.text) >= people.PASSWORD_MIN
    assert one.text not in one.hash


def test_a_password_that_was_chosen_takes_the_duty_to_change_it_away(
    session: Session, admin: Person, password: people.NewPassword
) -> None:
    given = people.NewPassword("x", "x", is_one_time=True)
    olga = make.person(session, "Olga", "reader", password=given)
    assert olga.must_change_password
    people.set_password(session, olga, olga.id, password)
    assert not olga.must_change_password


@pytest.mark.slow
def test_signing_in_is_as_slow_for_nobody_as_for_somebody(
    session: Session, password: people.NewPassword
) -> None:
    make.person(session, "Olga", "reader", password=password)

    def median(email: str) -> float:
        spent = []
        for _ in range(7):
            started = time.perf_counter()
            opens(session, email, "a wrong password")
            spent.append(time.perf_counter() - started)
        return statistics.median(spent)

    assert 0.5 < median("nobody@example.org") / median("olga@example.org") < 2


def test_a_token_works_until_revoked_and_only_its_hash_is_kept(session: Session) -> None:
    olga = make.person(session, "Olga", "reader")
    token, secret = tokens.add(session, olga, olga.id, " script ")
    assert secret.startswith("rr_")
    assert tokens.owner(session, secret) == olga
    assert tokens.owner(session, secret[:-1]) is None
    assert tokens.owner(session, token.hash) is None
    kept = session.exec(select(ApiToken)).one()
    assert secret not in kept.model_dump_json()
    assert secret not in str(history.of(session, "api_token", [token.id]))
    tokens.revoke(session, olga, token.id)
    assert tokens.owner(session, secret) is None
    assert tokens.listed(session, olga) == []


def test_a_token_of_somebody_else_does_not_exist(session: Session, admin: Person) -> None:
    olga, petr = make.person(session, "Olga", "reader"), make.person(session, "Petr", "curator")
    token, secret = tokens.add(session, olga, olga.id, "script")
    assert tokens.listed(session, petr) == []
    with pytest.raises(NotFound):
        tokens.revoke(session, petr, token.id)
    assert tokens.owner(session, secret) == olga
    tokens.revoke(session, admin, token.id)
    assert tokens.owner(session, secret) is None


@pytest.mark.parametrize("name", ["", "  ", "x" * 201])
def test_a_token_without_a_usable_name_is_refused(session: Session, name: str) -> None:
    olga = make.person(session, "Olga", "reader")
    with pytest.raises(Invalid, match="Name the token"):
        tokens.add(session, olga, olga.id, name)


def test_a_language_outside_the_list_is_refused(session: Session) -> None:
    olga = make.person(session, "Olga", "reader")
    people.choose_language(session, olga, "ru")
    assert olga.language == "ru"
    with pytest.raises(Invalid):
        people.choose_language(session, olga, "de")
    assert olga.language == "ru"


def test_no_password_and_no_hash_gets_into_history(
    session: Session, admin: Person, password: people.NewPassword
) -> None:
    olga = make.person(session, "Olga", "reader", password=password)
    people.set_password(session, admin, olga.id, password)
    told = str(history.of(session, "person", [olga.id]))
    assert password.text not in told
    assert password.hash not in told


def test_a_token_with_an_end_is_refused_after_it_and_stays_in_sight(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    olga = make.person(session, "Olga", "reader")
    token, secret = tokens.add(session, olga, olga.id, "script", days=30)
    made = clock.now()
    monkeypatch.setattr(tokens, "now", lambda: made + timedelta(days=29, hours=23))
    assert tokens.owner(session, secret) == olga
    monkeypatch.setattr(tokens, "now", lambda: made + timedelta(days=30, minutes=1))
    with pytest.raises(NotAllowed, match="expired"):
        tokens.owner(session, secret)
    (kept,) = tokens.listed(session, olga)
    assert tokens.is_expired(kept)
    tokens.revoke(session, olga, token.id)
    assert tokens.owner(session, secret) is None
    assert tokens.listed(session, olga) == []


def test_a_token_without_an_end_never_expires(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    olga = make.person(session, "Olga", "reader")
    _, secret = tokens.add(session, olga, olga.id, "script")
    monkeypatch.setattr(tokens, "now", lambda: clock.now() + timedelta(days=36500))
    assert tokens.owner(session, secret) == olga


@pytest.mark.parametrize("days", [0, -1, tokens.DAYS_MAX + 1, 10**12])
def test_an_end_that_makes_no_sense_is_refused(session: Session, days: int) -> None:
    olga = make.person(session, "Olga", "reader")
    with pytest.raises(Invalid, match="1 to 3650 days"):
        tokens.add(session, olga, olga.id, "script", days)


def test_the_owner_is_told_once_some_days_before_a_token_ends(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    olga = make.person(session, "Olga", "reader")
    token, _ = tokens.add(session, olga, olga.id, "nightly", days=30)
    tokens.add(session, olga, olga.id, "for ever")
    tokens.add(session, olga, olga.id, "an afternoon", days=1)
    revoked, _ = tokens.add(session, olga, olga.id, "old", days=30)
    tokens.revoke(session, olga, revoked.id)
    assert tokens.ending(session) == []
    made = clock.now()
    monkeypatch.setattr(tokens, "now", lambda: made + timedelta(days=24))
    assert tokens.ending(session) == [token.id]
    tokens.warn(session, [token.id])
    assert tokens.ending(session) == []
    (told,) = notices.listed(session, olga)
    assert str(told.message) == (
        "The API token “nightly” works for 6 more days. Make a new one in time."
    )
    assert told.address == "/account#tokens"
