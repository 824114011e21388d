"""The words of an answer as they are compared: without case, accents, punctuation, inflection.

What stands here decides what "the same words" means when an answer is graded; it is rules and
no model, so that a learner can foresee it.
"""

import re
import unicodedata
from dataclasses import dataclass

_PIECE = re.compile(
    r"(?P<gap>\.\.\.+|…)"
    r"|(?P<stop>[.!?]+(?=[\"')\]*_]*(?:\s|$))|\n\s*\n|\n\s*(?:[-*•]|\d+[.)])\s)"
    r"|(?P<break>[,;:()]|\s[-–—]+\s)"
    r"|(?P<arrow>[-=]+>|<[-=]+)"
    r"|(?P<sign>[<>%×])"
    r"|(?P<word>(?:[^\W\d_][\u0300-\u036f]*)+(?:['’ʼ][^\W\d_]+)?|\d+|[^\W_])"
)
_SIGNS = {"%": "percent", "×": "x"}
_ABBREVIATED = frozenset(("e", "g", "i", "vs", "cf", "approx", "resp", "fig", "eq", "sec", "ca"))
_IRREGULAR = {
    "bias": "bias",
    "biases": "bias",
    "matrices": "matrix",
    "indices": "index",
    "axes": "axis",
    "hypotheses": "hypothesis",
    "analyses": "analysis",
    "used": "use",
    "using": "use",
    "uses": "use",
    "does": "do",
    "goes": "go",
    "has": "have",
    "had": "have",
    "seen": "see",
    "lost": "lose",
    "kept": "keep",
    "grew": "grow",
    "grown": "grow",
    "shrunk": "shrink",
    "learnt": "learn",
}
_LEAST = 3
_VOWELS = frozenset("aeiouy")


@dataclass(frozen=True, slots=True)
class Word:
    """One word: as written in small letters, its stem, where it stands, and what is before it.

    `clause` and `sentence` count the clauses and sentences of the text up to the word.
    """

    form: str
    stem: str
    start: int
    end: int
    clause: int
    sentence: int
    after_gap: bool


def words_of(text: str) -> list[Word]:
    """Return the words of `text` in their order; "doesn't" is two words at one place."""
    found: list[Word] = []
    clause = sentence = 0
    after_gap = False
    for piece in _PIECE.finditer(text):
        match piece.lastgroup:
            case "gap":
                after_gap = True
            case "stop":
                if not (piece.group() == "." and found and found[-1].form in _ABBREVIATED):
                    clause, sentence = clause + 1, sentence + 1
            case "break":
                clause += 1
            case "sign" | "word":
                for form in _forms(piece.group()):
                    place = (piece.start(), piece.end(), clause, sentence)
                    found.append(Word(form, stem(form), *place, after_gap))
                    after_gap = False
            case _:  # an arrow
                pass
    return found


def _forms(written: str) -> list[str]:
    if written in _SIGNS or written in "<>":
        return [_SIGNS.get(written, written)]
    head, _, tail = re.sub("[’ʼ]", "'", written).partition("'")
    plain = _plain(head)
    if _plain(tail) == "t" and plain.endswith("n"):
        return [{"wo": "will", "ca": "can", "sha": "shall"}.get(plain[:-1], plain[:-1]), "not"]
    return ["can", "not"] if plain == "cannot" else [plain]


def _plain(written: str) -> str:
    if len(written) == 1 and "GREEK" in (name := unicodedata.name(written, "")):
        return name.split()[-1].casefold()
    apart = unicodedata.normalize("NFKD", written)
    return "".join(each for each in apart if not unicodedata.combining(each)).casefold()


def stem(form: str) -> str:
    """Return `form` without its inflection: clips, clipped, clipping are all one word."""
    if form in _IRREGULAR:
        return _IRREGULAR[form]
    bare = _without_ending(_without_plural(form))
    return bare[:-1] if len(bare) > _LEAST and bare.endswith("e") else bare


def _without_plural(form: str) -> str:
    if len(form) <= _LEAST or not form.endswith("s") or form.endswith(("ss", "us", "is")):
        return form
    if form.endswith("ies"):
        return form[:-3] + "y"
    if form.endswith(("sses", "ches", "shes", "xes", "zzes")):
        return form[:-2]
    return form[:-1]


def _without_ending(form: str) -> str:
    if form.endswith("ied") and len(form) > _LEAST + 1:
        return form[:-3] + "y"
    for ending in ("ing", "ed"):
        bare = form.removesuffix(ending)
        is_ending = bare != form and not bare.endswith("e")
        if is_ending and len(bare) >= _LEAST and _VOWELS & set(bare):
            is_doubled = bare[-1] == bare[-2] and bare[-1] not in "lsz"
            return bare[:-1] if is_doubled else bare
    return form
