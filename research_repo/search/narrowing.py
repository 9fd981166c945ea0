"""The filters of a search in the words of the database, for the time without an index."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set

from research_repo.core.lookup import Narrowing
from research_repo.core.models import ATOM_STATUSES, KINDS, METHODS
from research_repo.search.asking import Wanted, person_ids
from research_repo.search.closure import Closure
from research_repo.settings import LANGUAGES


def of(wanted: Wanted, closure: Closure, studies: Mapping[str, int], unseen: Set[int]) -> Narrowing:
    """What atoms must be. `studies` are the ids of keys, `unseen` the tags that do not exist."""
    groups: dict[int, set[int]] = {}
    for name, keys in (("tag", wanted.tags), ("exact", wanted.exact)):
        for key in keys:
            tag_id = _known(closure, key, unseen)
            scheme_id = closure.scheme_of[tag_id] if tag_id else 0
            groups.setdefault(scheme_id, set()).update(_ids(closure, name, [key], unseen))
    also = [_ids(closure, "also", [key], unseen) for key in wanted.also]
    return Narrowing(
        kinds=_among(KINDS, wanted.kinds),
        study_ids=_listed(wanted.studies, studies),
        methods=_among(METHODS, wanted.methods),
        author_ids=wanted.authors or None,
        languages=_among(LANGUAGES, wanted.languages),
        has_quote="quote" in wanted.has if wanted.has else None,
        after=wanted.after,
        before=wanted.before,
        tag_groups=[*groups.values(), *also],
    )


def statuses(wanted: Wanted) -> list[str]:
    """The statuses asked for."""
    return _among(ATOM_STATUSES, wanted.statuses) or []


def excluded(
    wanted: Wanted, closure: Closure, studies: Mapping[str, int], unseen: Set[int]
) -> Narrowing:
    """What atoms must not be, each value by itself."""
    has = wanted.excluded("has")
    tag_ids = set(_ids(closure, "tag", wanted.excluded("tag"), unseen))
    tag_ids |= _ids(closure, "exact", wanted.excluded("exact"), unseen)
    return Narrowing(
        kinds=_among(KINDS, wanted.excluded("kind")),
        study_ids=_listed(wanted.excluded("study"), studies),
        methods=_among(METHODS, wanted.excluded("method")),
        author_ids=person_ids(wanted.excluded("by")) if wanted.excluded("by") else None,
        languages=_among(LANGUAGES, wanted.excluded("lang")),
        has_quote="quote" in has if has else None,
        tag_groups=[tag_ids] if tag_ids else (),
    )


def _among(known: Collection[str], values: Collection[str]) -> list[str] | None:
    # A database refuses some texts; of these names it sees only those that there are.
    return [value for value in values if value in known] if values else None


def _listed(keys: Collection[str], studies: Mapping[str, int]) -> list[int] | None:
    return [studies[key] for key in keys if key in studies] if keys else None


def _known(closure: Closure, key: str, unseen: Set[int]) -> int | None:
    tag_id = closure.by_key.get(key)
    return None if tag_id in unseen else tag_id


def _ids(closure: Closure, name: str, keys: Collection[str], unseen: Set[int]) -> set[int]:
    below = closure.itself if name == "exact" else closure.subtree
    known = filter(None, (_known(closure, key, unseen) for key in keys))
    return {one for tag_id in known for one in below(tag_id).tolist()}
