"""Turtle as we write it, read by the library that everybody reads it with."""

from hypothesis import given
from hypothesis import strategies as st
from rdflib import OWL, RDF, SKOS, XSD, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from research_repo.exchange.turtle import Turtle

IRIS = st.sampled_from(
    [URIRef(f"http://x.org/{name}") for name in ("a", "b#c", "d/e", "скидка", "a.b", "-", "")]
    + [
        SKOS.Concept,
        URIRef(f"{SKOS}a-b"),
        URIRef(str(SKOS)),
        RDF.type,
        OWL.deprecated,
        URIRef("urn:x:y"),
    ]
)
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
LITERALS = (
    st.builds(Literal, WORDS)
    | st.builds(Literal, WORDS, lang=st.sampled_from(["ru", "en", "en-GB"]))
    | st.builds(Literal, st.booleans() | st.integers())
    | st.builds(Literal, WORDS, datatype=st.sampled_from([XSD.string, URIRef("http://x.org/t")]))
)


@given(st.lists(st.tuples(IRIS, IRIS, IRIS | LITERALS), max_size=20))
def test_what_is_written_is_what_is_read(statements):
    written, meant = Turtle({"skos": SKOS, "owl": OWL}), Graph()
    for statement in statements:
        written.add(statement)
        meant.add(statement)
    assert isomorphic(Graph().parse(data=written.text(), format="turtle"), meant)


def test_each_subject_stands_once_with_short_names():
    written = Turtle({"skos": SKOS})
    tag = URIRef("http://x.org/a")
    for _ in range(2):
        written.add((tag, RDF.type, SKOS.Concept))
        written.add((tag, SKOS.prefLabel, Literal("Цена", lang="ru")))
        written.add((tag, SKOS.prefLabel, Literal("Price", lang="en")))
    assert written.text() == (
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n\n"
        '<http://x.org/a> a skos:Concept ;\n    skos:prefLabel "Цена"@ru, "Price"@en .\n'
    )
