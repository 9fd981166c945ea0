"""People: who they are, how they prove it, what they may do here."""

from __future__ import annotations

import re
import secrets
import threading
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, col, select

from research_repo.core import access, history
from research_repo.core.errors import Invalid, NotFound
from research_repo.core.language import Message, say
from research_repo.core.models import ROLES, Person, Repository
from research_repo.settings import LANGUAGES

EMAIL_MAX = 254
NAME_MAX = 200
TITLE_MAX = 80
PASSWORD_MIN = 12
PASSWORD_MAX = 1000

_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>.]+(\.[^@\s,;<>.]+)*")
_hasher = PasswordHasher()
# One hash takes 64 MiB and a core: a flood of sign-ins must not take the machine down.
_hashing = threading.BoundedSemaphore(2)
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


@dataclass(frozen=True)
class NewPassword:
    """A password and its hash: made before a transaction opens, because hashing is slow."""

    text: str
    hash: str
    is_one_time: bool


def one_time_password() -> NewPassword:
    """A random password that must be changed at the first sign-in in the browser."""
    text = "-".join(secrets.token_hex(2) for _ in range(5))
    return NewPassword(text, _hash(text), is_one_time=True)


def chosen_password(text: str) -> NewPassword:
    """A password that a person chose; refuses one that is too short or too long."""
    if len(text) < PASSWORD_MIN:
        raise Invalid(
            {
                "password": say(
                    "Use at least %(count)s characters; a sentence is fine.", count=PASSWORD_MIN
                )
            }
        )
    if len(text) > PASSWORD_MAX:
        raise Invalid({"password": say("Use at most %(count)s characters.", count=PASSWORD_MAX)})
    return NewPassword(text, _hash(text), is_one_time=False)


def proves(person: Person | None, password: str) -> bool:
    """Whether this is the person's password. As slow for nobody as for somebody."""
    kept = person.password_hash if person and person.password_hash else _NOBODY
    try:
        with _hashing:
            _hasher.verify(kept, password[:PASSWORD_MAX])
    except (VerificationError, InvalidHashError):
        return False
    return person is not None and bool(person.password_hash) and person.is_active


def by_email(session: Session, email: str) -> Person | None:
    """The person with this e-mail, in any case."""
    return session.exec(select(Person).where(Person.email == email.strip().lower())).first()


def get(session: Session, person_id: int) -> Person:
    """The person, or NotFound."""
    person = session.get(Person, person_id)
    if person is None or person.is_system:
        raise NotFound
    return person


def system(session: Session) -> Person:
    """The built-in person who acts for the command line."""
    return session.exec(select(Person).where(col(Person.is_system))).one()


def make_system(session: Session) -> Person:
    """The built-in person of a new repository."""
    person = Person(email="system", name="system", role="admin", is_system=True)
    session.add(person)
    session.flush()
    return person


def is_empty(session: Session) -> bool:
    """Whether nobody can come in yet, so that the first admin is still to come.

    The colleagues of the demo content are shut out. No other repository gets here again: its last
    active admin cannot be shut out.
    """
    somebody = select(Person.id).where(~col(Person.is_system), col(Person.is_active))
    return session.exec(somebody.limit(1)).first() is None


def first_admin(
    session: Session, title: str, name: str, email: str, password: NewPassword, language: str
) -> Person:
    """Name the repository and make its first admin; NotFound once somebody exists."""
    if not is_empty(session):
        raise NotFound
    problems = _problems(session, name, email, "admin") | _title_problems(title)
    if problems:
        raise Invalid(problems)
    session.get_one(Repository, 1).title = title.strip()
    return _keep(session, system(session), name, email, "admin", password, language)


def name_repository(session: Session, by: Person, title: str) -> None:
    """Give the repository another name; every page bears it."""
    access.require_admin(by)
    problems = _title_problems(title)
    if problems:
        raise Invalid(problems)
    repository = session.get_one(Repository, 1)
    before, repository.title = repository.title, title.strip()
    history.record(
        session, by, "named", "repository", 1, {"title": before}, {"title": repository.title}
    )


def add(
    session: Session, by: Person, email: str, name: str, role: str, password: NewPassword
) -> Person:
    """Let somebody in. Refuses an e-mail that is taken."""
    access.require_admin(by)
    problems = _problems(session, name, email, role)
    if problems:
        raise Invalid(problems)
    return _keep(session, by, name, email, role, password, "")


def change(
    session: Session, by: Person, person_id: int, name: str, role: str, is_active: bool
) -> Person:
    """Rename somebody, change what they may do, or shut them out; sessions end with a right lost.

    Refuses to take away the last active admin.
    """
    access.require_admin(by)
    person = get(session, person_id)
    problems = _name_and_role_problems(name, role)
    stays_admin = role == "admin" and is_active
    if access.is_admin(person) and not stays_admin and _active_admins(session) == 1:
        problems["role"] = say("This is the last administrator. Make somebody else one first.")
    if problems:
        raise Invalid(problems)
    before = {"name": person.name, "role": person.role, "is_active": person.is_active}
    if (role, is_active) != (person.role, person.is_active):
        person.session_epoch += 1
    person.name, person.role, person.is_active = name.strip(), role, is_active
    after = {"name": person.name, "role": role, "is_active": is_active}
    history.record(session, by, "changed", "person", person.id, before, after)
    return person


def set_password(session: Session, by: Person, person_id: int, password: NewPassword) -> Person:
    """Give a new password: one's own, or as an admin somebody's. All their sessions end."""
    if by.id != person_id:
        access.require_admin(by)
    person = get(session, person_id)
    person.password_hash = password.hash
    person.must_change_password = password.is_one_time
    person.session_epoch += 1
    history.record(session, by, "password changed", "person", person.id)
    return person


def end_sessions(session: Session, by: Person, person_id: int) -> Person:
    """Sign somebody out everywhere: oneself, or as an admin anybody."""
    if by.id != person_id:
        access.require_admin(by)
    person = get(session, person_id)
    person.session_epoch += 1
    history.record(session, by, "signed out everywhere", "person", person.id)
    return person


def choose_language(session: Session, by: Person, language: str) -> None:
    """The language in which the person is spoken to."""
    if language not in LANGUAGES:
        raise Invalid({"language": say("Choose one of the languages in the list.")})
    person = get(session, by.id)
    if person.language != language:
        before, person.language = {"language": person.language}, language
        history.record(
            session, by, "chose a language", "person", by.id, before, {"language": language}
        )


def listed(session: Session, by: Person) -> list[Person]:
    """Everybody, the active first, by name."""
    access.require_admin(by)
    return list(
        session.exec(
            select(Person)
            .where(~col(Person.is_system))
            .order_by(col(Person.is_active).desc(), col(Person.name), col(Person.id))
        )
    )


def _keep(
    session: Session,
    by: Person,
    name: str,
    email: str,
    role: str,
    password: NewPassword,
    language: str,
) -> Person:
    person = Person(
        email=email.strip().lower(),
        name=name.strip(),
        role=role,
        password_hash=password.hash,
        must_change_password=password.is_one_time,
        language=language if language in LANGUAGES else "",
    )
    session.add(person)
    session.flush()
    history.record(session, by, "added", "person", person.id, after={"role": role})
    return person


def _problems(session: Session, name: str, email: str, role: str) -> dict[str, Message]:
    problems = _name_and_role_problems(name, role)
    email = email.strip()
    if len(email) > EMAIL_MAX or not _EMAIL.fullmatch(email):
        problems["email"] = say("Write a whole e-mail address, such as anna@example.org.")
    elif by_email(session, email):
        problems["email"] = say("%(email)s is already here. Nothing was changed.", email=email)
    return problems


def _name_and_role_problems(name: str, role: str) -> dict[str, Message]:
    problems: dict[str, Message] = {}
    if not name.strip() or len(name) > NAME_MAX:
        problems["name"] = say("Write the name that colleagues know.")
    if role not in ROLES:
        problems["role"] = say("Choose one of the roles: %(roles)s.", roles=", ".join(ROLES))
    return problems


def _title_problems(title: str) -> dict[str, Message]:
    if title.strip() and len(title) <= TITLE_MAX:
        return {}
    advice = say(
        "Name the repository, in at most %(count)s characters: your team or product.",
        count=TITLE_MAX,
    )
    return {"title": advice}


def _active_admins(session: Session) -> int:
    query = select(Person.id).where(
        Person.role == "admin", col(Person.is_active), ~col(Person.is_system)
    )
    return len(session.exec(query).all())


def _hash(password: str) -> str:
    with _hashing:
        return _hasher.hash(password)
