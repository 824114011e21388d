import random
import re

import pytest

from core.data.grammar import LARGE, SHORTEST, SMALL, draw_grammar_pair

# A reader of French who has never seen the grammar: m, f, or mf for each word that agrees.
MALE, FEMALE, BOTH = "m", "f", "mf"
DETERMINERS = {"le un ce mon": MALE, "la une cette ma": FEMALE}
BEFORE = {
    "petit grand bon mauvais nouveau joli long": MALE,
    "petite grande bonne mauvaise nouvelle jolie longue": FEMALE,
    "jeune": BOTH,
}
AFTER = {
    "bleu blanc noir vert rond lourd lent fort fier": MALE,
    "bleue blanche noire verte ronde lourde lente forte fière": FEMALE,
    "rouge jaune rapide calme faible riche pauvre": BOTH,
}
NOUNS = {
    "chat chien fleuve livre jardin professeur médecin roi garçon cheval poisson pont bateau train "
    "stylo téléphone marché magasin fermier soldat frère père voisin boulanger soleil nuage mur "
    "toit couteau lit fromage pain": MALE,
    "maison porte table voiture rue ville femme fille reine fenêtre chaise montagne mer lettre "
    "sœur mère lune fleur feuille pierre clé tasse cuillère chambre cuisine vache souris "
    "forêt": FEMALE,
}
PARTS = {
    "d": DETERMINERS,
    "b": BEFORE,
    "n": NOUNS,
    "a": AFTER,
    "r": {"souvent toujours lentement vite parfois rarement déjà volontiers doucement soudain": ""},
    "c": {"et mais car quand puis ou": ""},
    "p": {"dans sur sous derrière avec sans vers pour": ""},
}
TAGS = {
    word: (part, gender)
    for part, groups in PARTS.items()
    for words, gender in groups.items()
    for word in words.split()
}
NOUN_PHRASE = "db?na?"
CLAUSE = f"{NOUN_PHRASE}vr?{NOUN_PHRASE}(?:p{NOUN_PHRASE})?"
SENTENCE = re.compile(f"{CLAUSE}(?:c{CLAUSE})*")
# the same in English, where every adjective and adverb stands in front
ENGLISH_NOUN_PHRASE = "db?a?n"
ENGLISH_CLAUSE = f"{ENGLISH_NOUN_PHRASE}r?v{ENGLISH_NOUN_PHRASE}(?:p{ENGLISH_NOUN_PHRASE})?"
ENGLISH = re.compile(f"{ENGLISH_CLAUSE}(?:c{ENGLISH_CLAUSE})*")
LEXICONS = pytest.mark.parametrize("lexicon", [SMALL, LARGE], ids=["small", "large"])


def parts_of(french):
    return "".join(TAGS.get(word, ("v", ""))[0] for word in french)


def disagreements(french):
    """Return the noun phrases of a French sentence whose words have no gender in common."""
    found = []
    for match in re.finditer(NOUN_PHRASE, parts_of(french)):
        words = french[match.start() : match.end()]
        if not set(BOTH).intersection(*(TAGS[word][1] for word in words)):
            found.append(" ".join(words))
    return found


def drawn(lexicon, length=60, count=300, seed=0):
    rng = random.Random(seed)
    return [draw_grammar_pair(rng, length, lexicon) for _ in range(count)]


@pytest.mark.parametrize(
    ("french", "wrong"),
    [
        ("la maison voit un petit chat", []),
        ("le maison voit un chat", ["le maison"]),
        ("la maison blanc voit un jeune chat", ["la maison blanc"]),
    ],
)
def test_the_checker_objects_to_disagreement(french, wrong):
    assert disagreements(french.split()) == wrong


@pytest.mark.parametrize("order", ["la blanche maison voit un chat", "la rue vite voit un chat"])
def test_the_checker_objects_to_english_order(order):
    assert not SENTENCE.fullmatch(parts_of(order.split()))


@LEXICONS
def test_french_words_agree_and_stand_in_french_order(lexicon):
    for pair in drawn(lexicon):
        assert SENTENCE.fullmatch(parts_of(pair.target)), pair.target
        assert disagreements(pair.target) == []


@LEXICONS
def test_english_words_stand_in_english_order(lexicon):
    for pair in drawn(lexicon):
        tags = [""] * len(pair.source)
        for tag, place in zip(parts_of(pair.target), pair.alignment, strict=True):
            tags[place] = tag
        assert ENGLISH.fullmatch("".join(tags)), pair.source


@LEXICONS
def test_every_word_is_aligned_to_the_one_that_it_always_translates(lexicon):
    forms = {}
    for pair in drawn(lexicon, count=1500):
        assert sorted(pair.alignment) == list(range(len(pair.source)))
        for word, place in zip(pair.target, pair.alignment, strict=True):
            forms.setdefault(pair.source[place], set()).add(word)
    assert forms["the"] == {"le", "la"}
    assert forms["white"] == {"blanc", "blanche"}
    assert forms["window"] == {"fenêtre"}
    assert forms["quickly"] == {"vite"}
    assert all(len(french) <= 2 for french in forms.values())
    french_forms = [form for french in forms.values() for form in french]
    assert len(french_forms) == len(set(french_forms))


@LEXICONS
@pytest.mark.parametrize("length", [5, 10, 25, 50, 100, 150])
def test_a_reference_is_within_a_tenth_of_the_wanted_length(lexicon, length):
    lengths = {len(pair.target) for pair in drawn(lexicon, length, 100)}
    assert 0.9 * length - 0.5 <= min(lengths)
    assert max(lengths) <= max(1.1 * length + 0.5, SHORTEST + 1)
    assert len(lengths) > 1


def test_nothing_is_shorter_than_the_shortest_sentence():
    assert {len(pair.target) for pair in drawn(SMALL, 1)} == {SHORTEST, SHORTEST + 1}


@pytest.mark.parametrize(("lexicon", "english", "french"), [(SMALL, 56, 65), (LARGE, 142, 162)])
def test_the_grammar_uses_all_its_words(lexicon, english, french):
    pairs = drawn(lexicon, 100, 500)
    assert len({word for pair in pairs for word in pair.source}) == english
    assert len({word for pair in pairs for word in pair.target}) == french


def test_neither_language_needs_elision():
    for pair in drawn(LARGE, 150):
        english, french = " ".join(pair.source), " ".join(pair.target)
        assert not re.search(r"\ba [aeiou]", english)
        assert not re.search(r"\b(le|la|ce|ma|nouveau) [aeéèêiouhœ]", french)
