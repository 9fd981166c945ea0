"""All engines on one corpus, one after another, and what each answered beside the others."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import click

from benchmarks import corpus, questions
from benchmarks.corpus import Corpus
from benchmarks.peers import NAMES, OURS, is_installed
from benchmarks.peers.child import QUESTIONS, WARMING
from benchmarks.peers.engine import Tree

WARMING_QUESTIONS = 15
# The product finds phrases as they were written, the others in their stems, and of the words that
# begin alike the most frequent ones; for a typing error each has its own idea of what was meant.
OF_ITS_OWN = ("a phrase of two words", "a prefix of three letters")
NOT_COMPARED = "did you mean"


def measured(
    made: Corpus, source: Path, work: Path, held: Path, without: Collection[str] = ()
) -> dict[str, Any]:
    """Figures of every engine by name, and how far they agree.

    `source` has the files of the corpus, `held` is an instance with it.
    """
    write_questions(made, source)
    figures: dict[str, Any] = {}
    for place, name in enumerate(NAMES):
        if name in without:
            figures[name] = {"skipped": "left out"}
        elif not is_installed(name):
            figures[name] = {"skipped": "not installed"}
        else:
            folder = held if name == OURS else work / f"engine{place}"
            folder.mkdir(exist_ok=True)
            figures[name] = _of(name, folder, source, made)
    found = {"engines": figures, "agreement": list(agreement(figures))}
    for kind in (kind for one in figures.values() for kind in one.get("kinds", {}).values()):
        del kind["told"]
    return found


def agreement(figures: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """For each kind and engine: how many of the answers had the total and the counts of most."""
    same = [name for name, one in figures.items() if one.get("has_same_words")]
    kinds = [kind for name in same[:1] for kind in figures[name]["kinds"]]
    for kind in kinds:
        told = {
            name: figures[name]["kinds"][kind]["told"]
            for name in same
            if kind in figures[name]["kinds"]
        }
        shortest = min(map(len, told.values()))
        judges = [name for name in told if name != OURS or kind not in OF_ITS_OWN]
        if kind == NOT_COMPARED or len(told) < 2 or not judges:
            continue
        right = [
            Counter(tuple(told[name][n]) for name in judges).most_common(1)[0][0]
            for n in range(shortest)
        ]
        for name, answers in told.items():
            alike = sum(tuple(answers[n]) == right[n] for n in range(shortest))
            yield {"kind": kind, "engine": name, "alike": alike, "asked": shortest}


def write_questions(made: Corpus, source: Path) -> None:
    """Beside the corpus: what is asked, and what is asked before, to warm up."""
    tree = Tree.read(source / corpus.TAGS)
    other = Corpus(made.atoms, len(made.tags), made.seed)
    other.seed += 1  # the same words and tags, other questions
    asked = {
        QUESTIONS: questions.questions(made, tree, questions.QUESTIONS),
        WARMING: questions.questions(other, tree, WARMING_QUESTIONS),
    }
    for name, listed in asked.items():
        (source / name).write_bytes(pickle.dumps(listed))


def _of(name: str, folder: Path, source: Path, made: Corpus) -> dict[str, Any]:
    click.echo(f"{name} …", err=True)
    build = _child("build", name, folder, source)
    found = _child("ask", name, folder, source)
    return {
        "atoms_per_second": made.atoms / build["seconds"],
        "atoms_per_cpu_second": made.atoms / build["cpu_seconds"],
        "build_megabytes": build["peak_megabytes"],
        **found,
    }


def _child(step: str, name: str, folder: Path, source: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.peers.child", step, name, folder, source]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise click.ClickException(f"{name}, {step}: {done.stderr[-3000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures
