"""The index built anew while people search: how fast it is, and what the searches notice of it."""

from __future__ import annotations

import pickle
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.gauges import milliseconds, summed
from benchmarks.peers.child import QUESTIONS
from benchmarks.peers.product import Product

ASKED = 200
PAUSE_SECONDS = 0.05  # one person after another, not a machine that leaves no time for the rebuild


def measured(atoms: int, folder: Path, source: Path) -> dict[str, Any]:
    """Searches before and during a rebuild in the same process, as the server's worker does it."""
    asked = pickle.loads((source / QUESTIONS).read_bytes())
    product = Product(folder, source)
    product.open()
    asks = [partial(product.ask, one) for one in asked[:: max(1, len(asked) // ASKED)]]
    before = milliseconds(asks)
    wall, cpu = time.perf_counter(), time.process_time()
    during: list[float] = []
    rebuilding = threading.Thread(target=product.rebuild)
    rebuilding.start()
    while rebuilding.is_alive():
        during += milliseconds([asks[len(during) % len(asks)]])
        time.sleep(PAUSE_SECONDS)
    rebuilding.join()
    seconds = time.perf_counter() - wall
    found = {
        "before": summed(before),
        "during": summed(during),
        "searches": len(during),
        "atoms_per_second": atoms / seconds,
        # The searches' own work is in it: the figure is a little too low.
        "atoms_per_cpu_second": atoms / (time.process_time() - cpu),
    }
    product.close()
    return found
