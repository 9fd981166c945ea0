"""When segments become one: ten of about the same size, the small ones at once, the rest at rest."""

from __future__ import annotations

from collections import defaultdict
from itertools import accumulate
from typing import Any

from whoosh.codec.base import Segment
from whoosh.reading import SegmentReader
from whoosh.writing import SegmentWriter

TOGETHER = 10
MERGED_MAX = 20_000  # documents: no edit is findable while a merge runs


def none(_writer: SegmentWriter, segments: list[Segment]) -> list[Segment]:
    """Leave all as they are: a rebuild writes large segments in the first place."""
    return segments


def small_ones(writer: SegmentWriter, segments: list[Segment]) -> list[Segment]:
    """Merge the segments of single edits: cheap enough to do while somebody waits."""
    # An atom that is edited again and again leaves a segment without documents each time.
    left = [segment for segment in segments if segment.doc_count()]
    return _merge(writer, left, [tier for tier in _full_tiers(left) if tier[0] == 1])


def all_tiers(writer: SegmentWriter, segments: list[Segment]) -> list[Segment]:
    """Merge whatever has become ten of a size, and what is mostly deleted."""
    return _merge(writer, segments, _full_tiers(segments))


def is_due(segments: list[Segment]) -> bool:
    """Whether `all_tiers` would do anything."""
    return bool(_full_tiers(segments))


def _full_tiers(segments: list[Segment]) -> list[tuple[int, list[Segment]]]:
    tiers: dict[int, list[Segment]] = defaultdict(list)
    for segment in segments:
        # Mostly deleted: as good as empty, whatever its size was.
        kept = segment.doc_count()
        tiers[len(str(kept)) if 2 * kept >= segment.doc_count_all() else 0].append(segment)
    affordable = {tier: _affordable(members) for tier, members in tiers.items()}
    return [
        (tier, members)
        for tier, members in affordable.items()
        if len(members) >= TOGETHER or (tier == 0 and members)
    ]


def _affordable(segments: list[Segment]) -> list[Segment]:
    ordered = sorted(segments, key=lambda segment: segment.doc_count())
    sizes = accumulate(segment.doc_count() for segment in ordered)
    return [one for one, size in zip(ordered, sizes, strict=True) if size <= MERGED_MAX]


def _merge(
    writer: SegmentWriter, segments: list[Segment], tiers: list[tuple[int, Any]]
) -> list[Segment]:
    merged = [segment for _, members in tiers for segment in members]
    for segment in merged:
        # Of a segment without documents nothing is left to add: it would become an empty one.
        if not segment.doc_count():
            continue
        writer.add_reader(SegmentReader(writer.storage, writer.schema, segment))
    return [segment for segment in segments if segment not in merged]
