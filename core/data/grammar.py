"""English sentences and their French translations, derived together from one small grammar.

English: [conjunction] determiner [size] [colour] noun [adverb] verb ...; French puts the colour
behind the noun, the adverb behind the verb, and lets determiner and adjectives agree with the
noun's gender (a synchronous grammar: Aho and Ullman 1969; Chiang 2007). Words are chosen so that
French needs no elision and English no "an", and each word stands for exactly one: both sentences
have the same length. The derivation gives the alignment.
"""

import random
from dataclasses import dataclass
from typing import NamedTuple

from core.data.pairs import Pair


class Agreeing(NamedTuple):
    """A determiner or an adjective: English, and its French forms."""

    english: str
    masculine: str
    feminine: str


class Noun(NamedTuple):
    """A noun; its gender decides what stands beside it."""

    english: str
    french: str
    feminine: bool


class Fixed(NamedTuple):
    """A word of one form in each language."""

    english: str
    french: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """The words of a grammar; `before` and `after` say where French puts an adjective."""

    determiners: tuple[Agreeing, ...]
    before: tuple[Agreeing, ...]
    after: tuple[Agreeing, ...]
    nouns: tuple[Noun, ...]
    verbs: tuple[Fixed, ...]
    adverbs: tuple[Fixed, ...]
    prepositions: tuple[Fixed, ...]
    conjunctions: tuple[Fixed, ...]


SHORTEST = 5
"""Words of the shortest sentence: determiner, noun, verb, determiner, noun."""

_BEFORE_SHARE = 0.35
_AFTER_SHARE = 0.45
_ADVERB_SHARE = 0.4
_PREPOSITION_SHARE = 0.35


def draw_grammar_pair(rng: random.Random, length: int, lexicon: Lexicon) -> Pair:
    """Return a sentence of `length` words, 10 % more or less (never under `SHORTEST`)."""
    least, most = max(SHORTEST, round(0.9 * length)), max(SHORTEST + 1, round(1.1 * length))
    while True:
        sentence = _Derivation(rng, lexicon)
        sentence.add_clause()
        while len(sentence.source) < least:
            sentence.add_fixed(lexicon.conjunctions)
            sentence.add_clause()
        if len(sentence.source) <= most:
            return sentence.pair()


class _Derivation:
    def __init__(self, rng: random.Random, lexicon: Lexicon) -> None:
        self.rng = rng
        self.lexicon = lexicon
        self.source: list[str] = []
        self.target: list[str] = []
        self.alignment: list[int] = []

    def pair(self) -> Pair:
        return Pair(tuple(self.source), tuple(self.target), tuple(self.alignment))

    def add_clause(self) -> None:
        rng, lexicon = self.rng, self.lexicon
        self.add_noun_phrase()
        adverb = rng.choice(lexicon.adverbs) if rng.random() < _ADVERB_SHARE else None
        verb = rng.choice(lexicon.verbs)
        here = len(self.source)
        if adverb is None:
            self._add((verb.english,), (verb.french,), (here,))
        else:
            english, french = (adverb.english, verb.english), (verb.french, adverb.french)
            self._add(english, french, (here + 1, here))
        self.add_noun_phrase()
        if rng.random() < _PREPOSITION_SHARE:
            self.add_fixed(lexicon.prepositions)
            self.add_noun_phrase()

    def add_fixed(self, words: tuple[Fixed, ...]) -> None:
        word = self.rng.choice(words)
        self._add((word.english,), (word.french,), (len(self.source),))

    def add_noun_phrase(self) -> None:
        rng, lexicon, here = self.rng, self.lexicon, len(self.source)
        noun = rng.choice(lexicon.nouns)
        form = 2 if noun.feminine else 1
        determiner = rng.choice(lexicon.determiners)
        english, french, order = [determiner.english], [determiner[form]], [here]
        if rng.random() < _BEFORE_SHARE:
            size = rng.choice(lexicon.before)
            english.append(size.english)
            french.append(size[form])
            order.append(here + 1)
        place = here + len(english)
        if rng.random() < _AFTER_SHARE:
            colour = rng.choice(lexicon.after)
            english += (colour.english, noun.english)
            french += (noun.french, colour[form])
            order += (place + 1, place)
        else:
            english.append(noun.english)
            french.append(noun.french)
            order.append(place)
        self._add(english, french, order)

    def _add(
        self,
        english: list[str] | tuple[str, ...],
        french: list[str] | tuple[str, ...],
        alignment: list[int] | tuple[int, ...],
    ) -> None:
        self.source += english
        self.target += french
        self.alignment += alignment


def _agreeing(words: str) -> tuple[Agreeing, ...]:
    return tuple(Agreeing(*word.split(":")) for word in words.split())


def _nouns(words: str) -> tuple[Noun, ...]:
    parts = (word.split(":") for word in words.split())
    return tuple(Noun(english, french, gender == "f") for english, french, gender in parts)


def _fixed(words: str) -> tuple[Fixed, ...]:
    return tuple(Fixed(*word.split(":")) for word in words.split())


SMALL = Lexicon(
    determiners=_agreeing("the:le:la a:un:une"),
    before=_agreeing("small:petit:petite big:grand:grande young:jeune:jeune good:bon:bonne"),
    after=_agreeing(
        "red:rouge:rouge blue:bleu:bleue white:blanc:blanche black:noir:noire green:vert:verte "
        "yellow:jaune:jaune"
    ),
    nouns=_nouns(
        "cat:chat:m dog:chien:m house:maison:f river:fleuve:m door:porte:f table:table:f "
        "book:livre:m car:voiture:f street:rue:f city:ville:f garden:jardin:m "
        "teacher:professeur:m doctor:médecin:m woman:femme:f girl:fille:f boy:garçon:m "
        "king:roi:m queen:reine:f horse:cheval:m window:fenêtre:f"
    ),
    verbs=_fixed(
        "sees:voit hears:entend likes:aime hates:déteste finds:trouve loses:perd takes:prend "
        "gives:donne sells:vend buys:achète draws:dessine paints:peint"
    ),
    adverbs=_fixed("often:souvent always:toujours slowly:lentement quickly:vite sometimes:parfois"),
    prepositions=_fixed("in:dans on:sur under:sous behind:derrière"),
    conjunctions=_fixed("and:et but:mais because:car"),
)

LARGE = Lexicon(
    determiners=SMALL.determiners + _agreeing("this:ce:cette my:mon:ma"),
    before=SMALL.before
    + _agreeing("bad:mauvais:mauvaise new:nouveau:nouvelle pretty:joli:jolie long:long:longue"),
    after=SMALL.after
    + _agreeing(
        "round:rond:ronde heavy:lourd:lourde slow:lent:lente quick:rapide:rapide "
        "quiet:calme:calme strong:fort:forte weak:faible:faible rich:riche:riche "
        "poor:pauvre:pauvre proud:fier:fière"
    ),
    nouns=SMALL.nouns
    + _nouns(
        "fish:poisson:m chair:chaise:f bridge:pont:m mountain:montagne:f sea:mer:f boat:bateau:m "
        "train:train:m letter:lettre:f pen:stylo:m phone:téléphone:m market:marché:m "
        "shop:magasin:m farmer:fermier:m soldier:soldat:m sister:sœur:f brother:frère:m "
        "mother:mère:f father:père:m neighbour:voisin:m baker:boulanger:m moon:lune:f "
        "sun:soleil:m cloud:nuage:m flower:fleur:f leaf:feuille:f stone:pierre:f wall:mur:m "
        "key:clé:f roof:toit:m cup:tasse:f knife:couteau:m spoon:cuillère:f bed:lit:m "
        "room:chambre:f kitchen:cuisine:f cheese:fromage:m bread:pain:m cow:vache:f "
        "mouse:souris:f forest:forêt:f"
    ),
    verbs=SMALL.verbs
    + _fixed(
        "lifts:soulève follows:suit watches:regarde calls:appelle helps:aide pushes:pousse "
        "pulls:tire breaks:casse opens:ouvre closes:ferme cleans:nettoie wants:veut "
        "demands:exige knows:connaît meets:rencontre leaves:quitte visits:visite forgets:oublie"
    ),
    adverbs=SMALL.adverbs
    + _fixed("rarely:rarement already:déjà gladly:volontiers gently:doucement suddenly:soudain"),
    prepositions=SMALL.prepositions + _fixed("with:avec without:sans towards:vers for:pour"),
    conjunctions=SMALL.conjunctions + _fixed("when:quand then:puis or:ou"),
)
