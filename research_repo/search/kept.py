"""What was read from the index or worked out from it, kept while there is room."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from numpy.typing import NDArray

BYTES_MAX = 16 << 20
_OVERHEAD_BYTES = 400  # of an entry with its key, its place in the order, and the heads of arrays

Arrays = tuple[NDArray[Any], ...]
Made = TypeVar("Made", bound=Arrays)


class Kept:
    """Arrays by a key, for all threads; what was asked for least recently goes first."""

    def __init__(self, bytes_max: int = BYTES_MAX) -> None:
        self.bytes_max = bytes_max
        self.bytes = 0
        self._held: OrderedDict[Hashable, Arrays] = OrderedDict()
        self._turn = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """The arrays under a key, made when they are not there; they are never changed."""
        with self._turn:
            held: Any = self._held.get(key)
            if held is not None:
                self._held.move_to_end(key)
                return held
        # Outside of the lock: two threads may make the same, but none waits for another's word.
        made = make()
        for array in made:
            array.flags.writeable = False
        with self._turn:
            if key not in self._held:
                self._held[key] = made
                self.bytes += _size(made)
            while self.bytes > self.bytes_max and len(self._held) > 1:
                _, dropped = self._held.popitem(last=False)
                self.bytes -= _size(dropped)
        return made


def _size(arrays: Arrays) -> int:
    return _OVERHEAD_BYTES + sum(array.nbytes for array in arrays)


KEPT = Kept()
"""One room for all segments of all indexes of this process."""
