"""What tests are made of: people, studies, tags and atoms, written by the product's own verbs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from research_repo.core import (
    atom_files,
    atoms,
    attachments,
    evidence,
    hierarchy,
    links,
    participants,
    people,
    schemes,
    sources,
    studies,
    tags,
    words,
)
from research_repo.core.models import (
    Atom,
    Evidence,
    Link,
    Participant,
    Person,
    Scheme,
    Source,
    Study,
    Tag,
)
from research_repo.core.source_texts import SourceText, Turn, composed

PASSWORD = "correct horse battery staple"
# No test waits for argon2: this hash proves nothing, and `person` with a real password is rare.
HASH = people.NewPassword(PASSWORD, "no-hash", is_one_time=False)
DEFAULT_STUDY = "returns"


def person(
    session: Session,
    name: str,
    role: str,
    *,
    email: str = "",
    password: people.NewPassword = HASH,
) -> Person:
    """Somebody; the e-mail is the name at example.org. `HASH` lets nobody sign in."""
    address = email or ".".join(name.lower().split()) + "@example.org"
    return people.add(session, people.system(session), address, name, role, password)


def study(
    session: Session,
    by: Person,
    key: str = DEFAULT_STUDY,
    title: str = "How people return a parcel",
    access: str = "open",
    questions: Iterable[str] = (),
    **values: Any,
) -> Study:
    """A study that `by` owns."""
    asked = [(None, text) for text in questions]
    wanted = studies.StudyValues(title=title, access=access, questions=asked, **values)
    return studies.create(session, by, key, studies.ready(wanted))


def scheme(session: Session, by: Person, label: str, key: str = "", **labels: str) -> Scheme:
    """A tag group; `ru=` and `en=` name it in a language of choice."""
    return schemes.add(session, by, {words.language_of(label): label, **labels}, key=key)


def tag(
    session: Session,
    by: Person,
    label: str,
    scheme: str = "product-area",
    under: Tag | Sequence[Tag] | None = None,
    also: Iterable[str] = (),
    **labels: str,
) -> Tag:
    """A tag under a tag or several; `also` are other labels, `ru=` and `en=` preferred ones."""
    alternative: dict[str, list[str]] = {}
    for text in also:
        alternative.setdefault(words.language_of(text), []).append(text)
    parents = [under] if isinstance(under, Tag) else under or ()
    return tags.create(
        session,
        by,
        scheme,
        tags.TagWords(pref={words.language_of(label): label, **labels}, alt=alternative),
        [parent.key for parent in parents],
    )


def reviewed(session: Session, *scheme_keys: str) -> None:
    """From now on new tags of these groups wait for a curator."""
    system = people.system(session)
    schemes.free(session, system)
    for key in scheme_keys:
        schemes.set_rules(session, system, key, schemes.Rules(who_may_add="review"))


def candidate(session: Session, by: Person, label: str, scheme: str = "product-area") -> Tag:
    """A tag that waits for a curator, as one that came with a file."""
    pref = {words.language_of(label): label}
    return tags.create(session, by, scheme, tags.TagWords(pref=pref), is_to_review=True)


def atom(
    session: Session,
    by: Person,
    title: str,
    study: Study | None = None,
    kind: str = "fact",
    tags: Iterable[Tag | str] = (),
    quote: str = "",
    who: str = "",
    body: str = "",
    status: str = "published",
    **values: Any,
) -> Atom:
    """An atom that `by` logged; a fact without a study goes into the one with the default key."""
    if study is None and kind == "fact":
        study = default_study(session, by)
    if quote:
        values["evidence"] = [evidence.EvidenceValues(text=quote, who=who)]
    wanted = atoms.AtomValues(
        kind=kind,
        title=title,
        body=body,
        study_key=study.key if study else "",
        tags=[_named(session, tag) for tag in tags],
        status=status,
        **values,
    )
    return atoms.log(session, by, atoms.ready(wanted))


def source(
    session: Session,
    by: Person,
    turns: Iterable[tuple[str, str]] = (("R-1", "It came after two weeks."),),
    study: Study | None = None,
    title: str = "Interview",
    kind: str = "transcript",
    **values: Any,
) -> Source:
    """A source of turns of speech, (speaker, words) each; its study is the default one, or named."""
    text = composed(kind, [Turn(words, speaker) for speaker, words in turns])
    wanted = sources.SourceValues(title=title, **values)
    study = study or default_study(session, by)
    return sources.add(session, by, study.key, sources.ready(wanted, text), text)


def shot(
    session: Session, by: Person, study: Study, kept: attachments.Kept, title: str = "The page"
) -> Source:
    """An image of a study, whose file lies on the disk, or would."""
    text = SourceText("image")
    wanted = sources.ready(sources.SourceValues(title=title), text)
    return sources.add(session, by, study.key, wanted, text, kept)


def file(
    session: Session,
    by: Person,
    atom: Atom,
    instance: Path,
    data: bytes = b"%PDF-1.7 made by hand %%EOF",
    name: str = "made.pdf",
) -> Evidence:
    """A file that `by` chose as evidence of an atom."""
    kept = attachments.keep(
        instance, data, "application/pdf" if name.endswith("pdf") else "image/png"
    )
    return atom_files.attach(session, by, atom.key, kept, name)


def participant(
    session: Session, by: Person, code: str = "R-07", study: str = DEFAULT_STUDY, **values: Any
) -> Participant:
    """Somebody who was heard in a study that stands."""
    wanted = participants.ready(participants.ParticipantValues(code=code, **values))
    return participants.add(session, by, study, wanted)


def link(session: Session, by: Person, start: Atom, end: Atom, kind: str = "supports") -> Link:
    """The first atom supports (contradicts, supersedes, relates to) the second."""
    return links.add(session, by, start.key, end.key, kind)


def default_study(session: Session, by: Person) -> Study:
    """The open study of facts that name none, made when first needed."""
    found = session.exec(select(Study).where(col(Study.key) == DEFAULT_STUDY)).first()
    return found or study(session, by)


def _named(session: Session, tag: Tag | str) -> str:
    if isinstance(tag, str):
        return tag
    return hierarchy.cards(session, [tag.id], "en")[tag.id].full_path
