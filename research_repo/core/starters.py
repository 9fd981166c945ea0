"""The tag groups of a new repository. Their guids are fixed, so that files from two repositories agree."""

from __future__ import annotations

from sqlmodel import Session

from research_repo.core import schemes, tags
from research_repo.core.models import Person

SCHEMES: tuple[tuple[str, str, str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "product-area",
        "Product area",
        "Область продукта",
        (("example", "Example area", "Пример области"),),
    ),
    (
        "finding-type",
        "Finding type",
        "Тип находки",
        (
            ("problem", "Problem", "Проблема"),
            ("need", "Need", "Потребность"),
            ("barrier", "Barrier", "Барьер"),
            ("behaviour", "Behaviour", "Поведение"),
            ("expectation", "Expectation", "Ожидание"),
            ("works-well", "Works well", "Работает хорошо"),
        ),
    ),
    (
        "severity",
        "Severity",
        "Серьёзность",
        (
            ("blocker", "Blocker", "Блокирующая"),
            ("major", "Major", "Значительная"),
            ("minor", "Minor", "Незначительная"),
            ("cosmetic", "Cosmetic", "Косметическая"),
        ),
    ),
    ("segment", "Segment", "Сегмент", ()),
    ("journey-stage", "Journey stage", "Этап пути", ()),
)


def make_schemes(session: Session, by: Person) -> None:
    """Make the starter groups and their tags."""
    for key, english, russian, starters in SCHEMES:
        schemes.add(
            session, by, {"en": english, "ru": russian}, key=key, guid=f"research-repo:{key}"
        )
        for tag_key, tag_english, tag_russian in starters:
            tags.create(
                session,
                by,
                key,
                tags.TagWords(pref={"en": tag_english, "ru": tag_russian}),
                guid=f"research-repo:{key}:{tag_key}",
            )
