"""Lists of tags as SKOS Turtle."""

import pytest
from hypothesis import given, settings
from rdflib import OWL, RDF, SKOS, Graph, Literal
from rdflib.namespace import DCTERMS

from research_repo.core.errors import Invalid
from research_repo.core.tag_lists import Group
from research_repo.exchange import skos
from tests.exchange.vocabularies import canonical, vocabularies

PREFIXES = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix : <http://x.org/> .\n"


def read(turtle: str):
    return skos.read((PREFIXES + turtle).encode())


def refusal(content: bytes) -> str:
    with pytest.raises(Invalid) as refused:
        skos.read(content)
    return str(refused.value.problems["file"])


@settings(deadline=None)
@given(vocabularies())
def test_a_vocabulary_comes_back_from_a_thesaurus(listed):
    back = skos.read(skos.write(listed).encode())
    groups = {iri: group.key for iri, group in back.groups.items()}
    told = [(guid, groups[group], *rest) for guid, group, *rest in canonical(back)]
    assert told == [tuple(row) for row in canonical(listed)]
    assert sorted(back.groups.values(), key=lambda group: group.key) == [*listed.groups.values()]
    assert back.warnings == ()


@settings(deadline=None)
@given(vocabularies())
def test_an_exported_thesaurus_keeps_the_rules_of_skos(listed):
    graph = Graph().parse(data=skos.write(listed), format="turtle")
    for concept in graph.subjects(RDF.type, SKOS.Concept):
        languages = [label.language for label in graph.objects(concept, SKOS.prefLabel)]
        assert len(languages) == len(set(languages)), "one preferred label in a language"
        pref, alt, hidden = (
            set(graph.objects(concept, kind))
            for kind in (SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel)
        )
        assert not pref & alt
        assert not pref & hidden
        assert not alt & hidden
        assert len(set(graph.objects(concept, SKOS.inScheme))) == 1
        assert (concept, RDF.type, SKOS.ConceptScheme) not in graph
        for parent in graph.objects(concept, SKOS.broader):
            assert (parent, SKOS.narrower, concept) in graph
            assert (parent, RDF.type, SKOS.Concept) in graph
        above = set(graph.transitive_objects(concept, SKOS.broader)) - {concept}
        assert not above & set(graph.objects(concept, SKOS.related)), "related, or broader"
        for beside in graph.objects(concept, SKOS.related):
            assert (beside, SKOS.related, concept) in graph
        for scheme in graph.objects(concept, SKOS.topConceptOf):
            assert (scheme, SKOS.hasTopConcept, concept) in graph
        if (concept, DCTERMS.isReplacedBy, None) in graph:
            assert (concept, OWL.deprecated, Literal(True)) in graph


@settings(deadline=None)
@given(vocabularies())
def test_the_same_thesaurus_is_read_from_rdf_xml(listed):
    turtle = skos.write(listed)
    written = Graph().parse(data=turtle, format="turtle").serialize(format="xml")
    assert canonical(skos.read(written.encode(), "xml")) == canonical(skos.read(turtle.encode()))


def test_definitions_examples_and_relations_are_read():
    (one, other) = read(
        ':a a skos:Concept ; skos:definition "D"@en ; skos:example "E1"@en, "E2"@en ;'
        ' skos:scopeNote "Область"@ru ; skos:related :b . :b a skos:Concept .'
    ).tags
    assert (one.words.definition, one.words.example) == ({"en": "D"}, {"en": "E1\n\nE2"})
    assert one.words.note == {"ru": "Область"}
    assert (one.related, other.related) == ((other.guid,), (one.guid,))


def test_a_replaced_concept_is_retired_and_says_by_which():
    one, _ = read(
        ":a a skos:Concept ; <http://purl.org/dc/terms/isReplacedBy> :b . :b a skos:Concept ."
    ).tags
    assert (one.status, one.replaced_by) == ("deprecated", "http://x.org/b")


@pytest.mark.parametrize("syntax", ["turtle", "xml"])
def test_an_address_without_a_beginning_names_no_folder_of_ours(syntax):
    turtle = '<#a> a skos:Concept ; skos:prefLabel "A"@en .'
    xml = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:s="http://www.w3.org/2004/02/skos/core#"><s:Concept rdf:about="#a"/></rdf:RDF>'
    )
    content = f"{PREFIXES}{turtle}" if syntax == "turtle" else xml
    (tag,) = skos.read(content.encode(), syntax).tags
    assert tag.guid == "http://relative.invalid/#a"


def test_ten_thousand_levels_are_read_from_xml_and_refused_in_turtle():
    depth = 10_000
    inner = "".join(f'<s:Concept rdf:about="http://x.org/{n}"><s:narrower>' for n in range(depth))
    xml = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        f'xmlns:s="http://www.w3.org/2004/02/skos/core#">{inner}'
        f"{'</s:narrower></s:Concept>' * depth}</rdf:RDF>"
    )
    assert len(skos.read(xml.encode(), "xml").tags) == depth
    turtle = f":a skos:narrower {'[ skos:narrower ' * depth}:b{']' * depth} ."
    assert "nested too deeply" in refusal((PREFIXES + turtle).encode())


@pytest.mark.slow
def test_five_megabytes_broken_at_their_end_are_refused():
    text = PREFIXES + "".join(
        f':c{n} a skos:Concept ; skos:prefLabel "Понятие {n}"@ru ; skos:broader :c{n // 7} .\n'
        for n in range(60_000)
    )
    content = text.encode()
    assert len(content) > 5_000_000
    assert "damaged" in refusal(content[:-20])


def test_odd_addresses_and_numbers_make_no_noise(caplog):
    listed = read(
        ':a a skos:Concept ; skos:broader <http://x.org/a{b> ; skos:notation "x"^^<http://www.w3.org/2001/XMLSchema#integer> .'
    )
    assert len(listed.tags) == 1
    assert caplog.records == []


def test_a_place_is_read_from_either_end():
    up = read(":a a skos:Concept ; skos:broader :b . :b a skos:Concept .")
    down = read(":a a skos:Concept . :b a skos:Concept ; skos:narrower :a .")
    for listed in (up, down):
        assert [tag.parents for tag in listed.tags] == [("http://x.org/b",), ()]


def test_a_group_is_called_what_its_file_calls_it():
    listed = read(
        ':s a skos:ConceptScheme ; <http://purl.org/dc/terms/title> "Topics"@en, "Темы"@ru .'
        ':a a skos:Concept ; skos:inScheme :s ; skos:prefLabel "A"@en .'
    )
    assert listed.groups == {
        "http://x.org/s": Group("", "http://x.org/s", {"en": "Topics", "ru": "Темы"})
    }


def test_collections_and_other_languages_are_told_and_left_out():
    listed = read(
        ':a a skos:Concept ; skos:prefLabel "A"@en, "Ah"@fr ; skos:notation "7" .'
        ':c a skos:Collection ; skos:prefLabel "All"@en ; skos:member :a .'
    )
    assert [tag.guid for tag in listed.tags] == ["http://x.org/a"]
    assert [flaw.column for flaw in listed.warnings] == ["Collection", "prefLabel", "notation"]
    assert "“All”" in str(listed.warnings[0].reason)


def test_a_second_name_in_one_language_becomes_a_synonym():
    listed = read(':a a skos:Concept ; skos:prefLabel "Basket"@en, "Cart"@en-GB .')
    (tag,) = listed.tags
    assert (tag.words.pref["en"], tag.words.alt["en"]) == ("Basket", ["Cart"])
    assert [flaw.column for flaw in listed.warnings] == ["prefLabel"]


def test_a_file_that_is_no_thesaurus_is_refused_with_what_to_do():
    assert "empty" in refusal(b" \n")
    assert "line 3" in refusal(f"{PREFIXES}:a a skos:Concept .\n:b a ]] .\n".encode())
    for end in range(1, 60):
        cut = f'{PREFIXES}:a a skos:Concept ; skos:prefLabel "Tag"@en ; skos:broader :b'.encode()
        assert "damaged" in refusal(cut[:-end]) or "skos:Concept" in refusal(cut[:-end])
    assert "UTF-8" in refusal(f'{PREFIXES}:a skos:prefLabel "Тег"@ru .'.encode("cp1251"))
    assert "skos:Concept" in refusal(f'{PREFIXES}:a skos:prefLabel "Tag"@en .'.encode())
