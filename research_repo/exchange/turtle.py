"""Turtle, written statement by statement: rdflib takes seconds to write tens of thousands."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rdflib import RDF, Literal, Namespace, URIRef
from rdflib.namespace import DefinedNamespace

Statement = tuple[URIRef, URIRef, URIRef | Literal]

_SIMPLE = re.compile(r"[A-Za-z][A-Za-z0-9]*")


class Turtle:
    """Statements on their way into a file; each stands there once, in the order of its subject."""

    def __init__(self, prefixes: Mapping[str, Namespace | type[DefinedNamespace]]) -> None:
        self.prefixes = {str(space): prefix for prefix, space in prefixes.items()}
        self._about: dict[URIRef, dict[URIRef, dict[URIRef | Literal, None]]] = {}
        self._names: dict[URIRef, str] = {}

    def add(self, statement: Statement) -> None:
        """One more statement; a second time it changes nothing."""
        subject, verb, other = statement
        self._about.setdefault(subject, {}).setdefault(verb, {})[other] = None

    def text(self) -> str:
        """All of it."""
        head = [f"@prefix {prefix}: <{space}> ." for space, prefix in self.prefixes.items()]
        parts = []
        for subject, said in self._about.items():
            lines = (
                f"{self._verb(verb)} {', '.join(map(self._term, others))}"
                for verb, others in said.items()
            )
            parts.append(f"\n{self._name(subject)} " + " ;\n    ".join(lines) + " .")
        return "\n".join([*head, *parts, ""])

    def _verb(self, iri: URIRef) -> str:
        return "a" if iri == RDF.type else self._name(iri)

    def _term(self, term: URIRef | Literal) -> str:
        return term.n3() if isinstance(term, Literal) else self._name(term)

    def _name(self, iri: URIRef) -> str:
        if iri not in self._names:
            self._names[iri] = self._short(iri) or iri.n3()
        return self._names[iri]

    def _short(self, iri: URIRef) -> str:
        for space, prefix in self.prefixes.items():
            if iri.startswith(space) and _SIMPLE.fullmatch(iri, len(space)):
                return f"{prefix}:{iri[len(space) :]}"
        return ""
