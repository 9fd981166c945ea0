"""XML that somebody sent."""

import pytest

from research_repo.core.errors import Invalid
from research_repo.exchange import codebook, skos, xml_text

LAUGHS = "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' for n in range(1, 10))
ATTRIBUTES = "<b c='&x;&x;&x;'/>" * 9000
LONG = "x" * 300
BOMBS = {
    "billion laughs": f'<!DOCTYPE a [<!ENTITY lol0 "lol">{LAUGHS}]><CodeBook>&lol9;</CodeBook>',
    "quadratic": f'<!DOCTYPE a [<!ENTITY x "{LONG * 99}">]><CodeBook>{"&x;" * 50_000}</CodeBook>',
    "many short ones": f'<!DOCTYPE a [<!ENTITY x "{LONG}">]><CodeBook>{"&x;" * 200_000}</CodeBook>',
    "in attributes": f'<!DOCTYPE a [<!ENTITY x "{LONG}">]><CodeBook>{ATTRIBUTES}</CodeBook>',
    "external": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><CodeBook>&x;</CodeBook>',
    "public": '<!DOCTYPE a [<!ENTITY x PUBLIC "p" "http://127.0.0.1:9/">]><CodeBook>&x;</CodeBook>',
    "parameter": '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/"> %x;]><CodeBook/>',
}


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize(
    "read", [codebook.read, lambda content: skos.read(content, "xml")], ids=["qdc", "rdf"]
)
@pytest.mark.timeout(20)
def test_a_file_that_swells_or_fetches_is_refused(bomb, read):
    with pytest.raises(Invalid) as refused:
        read(BOMBS[bomb].encode())
    assert "entities" in str(refused.value.problems["file"])


def test_the_short_names_of_addresses_are_read():
    content = b"""<!DOCTYPE rdf:RDF [<!ENTITY skos "http://www.w3.org/2004/02/skos/core#">]>
        <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="&skos;">
        <rdf:Description rdf:about="http://x.org/a"><rdf:type rdf:resource="&skos;Concept"/>
        <skos:prefLabel xml:lang="en">A &amp; B</skos:prefLabel></rdf:Description></rdf:RDF>"""
    (tag,) = skos.read(content, "xml").tags
    assert (tag.guid, tag.words.pref) == ("http://x.org/a", {"en": "A & B"})


def test_a_type_definition_elsewhere_is_not_fetched():
    told = []
    text = '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a>one</a>'
    xml_text.walk(text, words=told.append)
    assert told == ["one"]


def test_no_nesting_is_too_deep():
    levels = []
    xml_text.walk("<a>" * 100_000 + "</a>" * 100_000, end=levels.append)
    assert len(levels) == 100_000
