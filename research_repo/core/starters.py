"""Ready-made tag groups: those of a new repository, and templates that curators add later.

Their guids are fixed, so that files from two repositories agree, and adding one again adds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from research_repo.core import access, schemes, tags, words
from research_repo.core.errors import NotFound
from research_repo.core.models import Person, Scheme, Tag, TagLabel
from research_repo.core.tag_words import TagWords


@dataclass(frozen=True)
class Leaf:
    """A tag of a template; `under` is the key of another one of it."""

    key: str
    english: str
    russian: str
    under: str = ""
    also: str = ""
    note: tuple[str, str] = ("", "")
    """When to take it, in English and in Russian."""


@dataclass(frozen=True)
class Template:
    """A group with its tags, parents first."""

    key: str
    english: str
    russian: str
    leaves: tuple[Leaf, ...] = ()

    @property
    def guid(self) -> str:
        return f"research-repo:{self.key}"


STARTERS = (
    Template(
        "product-area",
        "Product area",
        "Область продукта",
        (Leaf("example", "Example area", "Пример области"),),
    ),
    Template(
        "finding-type",
        "Finding type",
        "Тип находки",
        (
            Leaf("problem", "Problem", "Проблема"),
            Leaf("need", "Need", "Потребность"),
            Leaf("barrier", "Barrier", "Барьер"),
            Leaf("behaviour", "Behaviour", "Поведение"),
            Leaf("expectation", "Expectation", "Ожидание"),
            Leaf("works-well", "Works well", "Работает хорошо"),
        ),
    ),
    Template(
        "severity",
        "Severity",
        "Серьёзность",
        (
            Leaf("blocker", "Blocker", "Блокирующая"),
            Leaf("major", "Major", "Значительная"),
            Leaf("minor", "Minor", "Незначительная"),
            Leaf("cosmetic", "Cosmetic", "Косметическая"),
        ),
    ),
    Template("segment", "Segment", "Сегмент"),
    Template("journey-stage", "Journey stage", "Этап пути"),
)

TEMPLATES = (
    Template(
        "experience",
        "Experience",
        "Опыт",
        (
            Leaf("customer", "Customer experience", "Опыт клиента", also="CX"),
            Leaf("user", "User experience", "Опыт пользователя", also="UX"),
            Leaf("employee", "Employee experience", "Опыт сотрудника", also="EX"),
            Leaf("multi", "Multi-experience", "Мультиопыт", also="MX"),
        ),
    ),
    Template(
        "journey-stage",
        "Journey stage",
        "Этап пути",
        (
            Leaf("attract", "Attract", "Привлечение"),
            Leaf("acquire", "Acquire", "Приобретение"),
            Leaf("convert", "Convert", "Конверсия"),
            Leaf("retain", "Retain", "Удержание"),
            Leaf("build-loyalty", "Build loyalty", "Формирование лояльности"),
        ),
    ),
    Template(
        "journey-layer",
        "Journey layer",
        "Слой пути",
        (
            Leaf("thoughts", "Thoughts", "Мысли"),
            Leaf("perception", "Perception", "Восприятие"),
            Leaf("feelings", "Feelings", "Чувства"),
            Leaf("actions", "Actions", "Действия"),
            Leaf("needs", "Needs", "Потребности"),
        ),
    ),
    Template(
        "journey-archetype",
        "Journey archetype",
        "Архетип пути",
        (
            Leaf(
                "routine",
                "Routine",
                "Рутина",
                note=("Easy and predictable.", "Легко и предсказуемо."),
            ),
            Leaf(
                "joyride",
                "Joyride",
                "Увеселительная прогулка",
                note=("Easy and unpredictable.", "Легко и непредсказуемо."),
            ),
            Leaf(
                "trek",
                "Trek",
                "Поход",
                note=("Effortful and predictable.", "С усилием и предсказуемо."),
            ),
            Leaf(
                "odyssey",
                "Odyssey",
                "Одиссея",
                note=("Effortful and unpredictable.", "С усилием и непредсказуемо."),
            ),
        ),
    ),
    Template(
        "empathy-map",
        "Empathy map",
        "Карта эмпатии",
        (
            Leaf("says", "Says", "Говорит"),
            Leaf("thinks", "Thinks", "Думает"),
            Leaf("does", "Does", "Делает"),
            Leaf("feels", "Feels", "Чувствует"),
        ),
    ),
    Template(
        "loyalty-group",
        "Loyalty group",
        "Группа лояльности",
        (
            Leaf("promoter", "Promoter", "Промоутер", note=("9–10 in NPS.", "9–10 в NPS.")),
            Leaf("passive", "Passive", "Нейтрал", note=("7–8 in NPS.", "7–8 в NPS.")),
            Leaf("detractor", "Detractor", "Критик", note=("0–6 in NPS.", "0–6 в NPS.")),
        ),
    ),
    Template(
        "touchpoint",
        "Touchpoint",
        "Точка контакта",
        (
            Leaf("contact", "Contact", "Контакт"),
            Leaf("advertising", "Advertising", "Реклама", under="contact"),
            Leaf("social", "Social media", "Социальные сети", under="contact", also="соцсети"),
            Leaf("email", "E-mail", "Электронная почта", under="contact", also="email"),
            Leaf("interaction", "Interaction", "Взаимодействие"),
            Leaf("site", "Site", "Сайт", under="interaction", also="website"),
            Leaf("app", "App", "Приложение", under="interaction"),
            Leaf("chat", "Chat", "Чат", under="interaction"),
            Leaf("engagement", "Engagement", "Вовлечение"),
            Leaf("trial", "Trial", "Пробный период", under="engagement"),
            Leaf("webinar", "Webinar", "Вебинар", under="engagement"),
        ),
    ),
    Template(
        "driver",
        "Driver",
        "Драйвер",
        (
            Leaf("usability", "Usability", "Удобство"),
            Leaf("trust", "Trust", "Доверие"),
            Leaf("loyalty", "Loyalty", "Лояльность"),
            Leaf("appearance", "Appearance", "Внешний вид"),
            Leaf("assortment", "Assortment", "Ассортимент"),
            Leaf("prices", "Prices", "Цены"),
            Leaf("stability", "Technical stability", "Техническая стабильность"),
            Leaf("information", "Amount of information", "Объём информации"),
        ),
    ),
)


@dataclass(frozen=True)
class Offer:
    """A template beside what the repository has of it."""

    template: Template
    scheme_key: str
    """Of the group that it fills; empty while there is none."""
    missing: tuple[Leaf, ...]

    @property
    def is_whole(self) -> bool:
        return bool(self.scheme_key) and not self.missing


def make_schemes(session: Session, by: Person) -> None:
    """Make the starter groups and their tags."""
    for template in STARTERS:
        _fill(session, by, template)


def offers(session: Session) -> list[Offer]:
    """All templates, with what is missing of each."""
    found = []
    for template in TEMPLATES:
        scheme = _scheme(session, template)
        there = _standing(session, template, scheme) if scheme else {}
        missing = tuple(leaf for leaf in template.leaves if leaf.key not in there)
        found.append(Offer(template, scheme.key if scheme else "", missing))
    return found


def add(session: Session, by: Person, key: str) -> Scheme:
    """Add a template's group and what is missing of its tags; a group of its name is filled.

    Raises:
        NotFound: there is no such template.
    """
    access.require_govern(by)
    template = next((one for one in TEMPLATES if one.key == key), None)
    if template is None:
        raise NotFound
    return _fill(session, by, template)


def _fill(session: Session, by: Person, template: Template) -> Scheme:
    scheme = _scheme(session, template)
    if scheme is None:
        labels = {"en": template.english, "ru": template.russian}
        scheme = schemes.add(session, by, labels, key=template.key, guid=template.guid)
    there = _standing(session, template, scheme)
    for leaf in template.leaves:
        if leaf.key not in there:
            above = _place(session, there.get(leaf.under, ""))
            guid = f"{template.guid}:{leaf.key}"
            there[leaf.key] = tags.create(
                session, by, scheme.key, _words(leaf), above, guid=guid
            ).key
    return scheme


def _scheme(session: Session, template: Template) -> Scheme | None:
    own = session.exec(select(Scheme).where(Scheme.guid == template.guid)).first()
    names = (template.key, template.english, template.russian)
    return own or next(filter(None, (schemes.named(session, name) for name in names)), None)


def _standing(session: Session, template: Template, scheme: Scheme) -> dict[str, str]:
    """Leaf → key of the tag that is it, or that owns one of its names in the group."""
    guids = {f"{template.guid}:{leaf.key}": leaf.key for leaf in template.leaves}
    named = {
        (language, words.fold(text)): leaf.key
        for leaf in template.leaves
        for language, text in (("en", leaf.english), ("ru", leaf.russian))
    }
    labelled = session.exec(
        select(TagLabel.language, TagLabel.folded, Tag.key)
        .join(Tag)
        .where(Tag.scheme_id == scheme.id, col(TagLabel.folded).in_([text for _, text in named]))
    )
    found = {
        named[language, folded]: key
        for language, folded, key in labelled
        if (language, folded) in named
    }
    own = session.exec(select(Tag.guid, Tag.key).where(col(Tag.guid).in_(guids)))
    return found | {guids[guid]: key for guid, key in own}


def _place(session: Session, parent_key: str) -> list[str]:
    # What was retired takes no new tags under it.
    is_open = parent_key and tags.standing(session, parent_key).status != "deprecated"
    return [parent_key] if is_open else []


def _words(leaf: Leaf) -> TagWords:
    english, russian = leaf.note
    also = {words.language_of(leaf.also): [leaf.also]} if leaf.also else {}
    return TagWords(
        pref={"en": leaf.english, "ru": leaf.russian}, alt=also, note={"en": english, "ru": russian}
    )
