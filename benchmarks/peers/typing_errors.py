"""What somebody may have meant: for engines that correct nothing themselves."""

from __future__ import annotations

from research_repo.core.words import language_of

_LETTERS = {"ru": "абвгдежзийклмнопрстуфхцчшщъыьэюя", "en": "abcdefghijklmnopqrstuvwxyz"}


def one_edit_away(word: str) -> set[str]:
    """The word with a letter more, less, other, or two changed places."""
    letters = _LETTERS[language_of(word)]
    parts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    return {
        *(left + right[1:] for left, right in parts if right),
        *(left + right[1] + right[0] + right[2:] for left, right in parts if len(right) > 1),
        *(left + letter + right[1:] for left, right in parts if right for letter in letters),
        *(left + letter + right for left, right in parts for letter in letters),
    }
