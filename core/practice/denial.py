"""Does an answer deny what stands in it, as in "it does not return the norm after clipping"?

Rules for English sentences, the kinder reading where in doubt: a mistake is forgiven for a "not"
anywhere before it in its clause, a point is lost only for one right before it.
"""

from collections.abc import Sequence
from itertools import pairwise

from core.practice.answer_words import Word, stem

NEAR = 6
FAR = 12


def _stems(words: str) -> frozenset[str]:
    return frozenset(map(stem, words.split()))


_NEGATIONS = _stems("not never no nor neither without hardly nothing unlike nobody none")
_PLAIN_NEGATIONS = _stems("not never nor neither")
_INSTEAD = (("rather", "than"), (stem("instead"), "of"), ("far", "from"))
_WRONG = _stems(
    "wrong false incorrect untrue mistake mistaken myth misconception wrongly mistakenly "
    "incorrectly falsely contrary fallacy error misleading trap nonsense"
)
_TRUE = _stems("true correct right enough so")
_REPORTS = _stems(
    "say said claim think thought believe believed assume seem seems hear told read expect naive "
    "naively usual often people many"
)
_TURNS = _stems("but however yet actually wrong false incorrect untrue")
_NEW_CLAUSE = _stems("but however whereas although though because since so which while when if")
_IS = _stems("is are was were be would")
_WEAK = _stems("the a an be been is are was it in at of any its really actually simply quite by as")


def denies_mistake(words: Sequence[Word], first: int, last: int) -> bool:
    """Return whether the mistake that `words[first:last + 1]` say is denied where it stands."""
    near = [word.stem for word in _before(words, first, NEAR)]
    if _NEGATIONS & set(near) or set(_INSTEAD) & set(pairwise(near)):
        return True
    far = [word.stem for word in _before(words, first, FAR, over_commas=True)]
    if _WRONG & set(far) or _is_said_wrong(far):
        return True
    return _is_called_wrong(words, last) or _is_reported(words, first, last)


def denies_point(words: Sequence[Word], first: int, last: int) -> bool:
    """Return whether the point that `words[first:last + 1]` say is denied where it stands."""
    near = [word.stem for word in _before(words, first, NEAR)]
    if _is_said_wrong(near) or _is_called_wrong(words, last):
        return True
    while near and near[-1] in _WEAK:
        near.pop()
    return bool(near) and near[-1] in _PLAIN_NEGATIONS


def _before(
    words: Sequence[Word], first: int, most: int, *, over_commas: bool = False
) -> list[Word]:
    """Return up to `most` words before, back to where the clause or the sentence begins."""
    found: list[Word] = []
    here = words[first]
    for word in reversed(words[max(0, first - most) : first]):
        is_apart = word.sentence != here.sentence if over_commas else word.clause != here.clause
        if is_apart or word.stem in _NEW_CLAUSE:
            break
        found.insert(0, word)
    return found


def _is_said_wrong(before: Sequence[str]) -> bool:
    """Return whether the words before are "it is wrong that ..." or "it is not true that ..."."""
    if "that" not in before:
        return False
    head = before[: len(before) - 1 - list(reversed(before)).index("that")]
    if not head:
        return False
    return head[-1] in _WRONG or (head[-1] in _TRUE and "not" in head[-3:])


def _is_called_wrong(words: Sequence[Word], last: int) -> bool:
    """Return whether what follows in the sentence is "... is wrong" or "... is not true"."""
    after = [w for w in words[last + 1 : last + 1 + NEAR] if w.sentence == words[last].sentence]
    for place, word in enumerate(after):
        if word.stem in _NEW_CLAUSE or word.clause > words[last].clause + 1:
            return False
        if word.stem in _IS:
            told = [each.stem for each in after[place + 1 : place + 4] if each.stem not in _WEAK]
            if told[:1] == ["not"]:
                return bool(_TRUE & set(told[1:2]))
            return bool(_WRONG & set(told[:1]))
    return False


def _is_reported(words: Sequence[Word], first: int, last: int) -> bool:
    """Return whether others are said to say so, and what follows turns against it."""
    if not _REPORTS & {word.stem for word in _before(words, first, NEAR)}:
        return False
    ends = words[last].sentence + 1
    after = [w.stem for w in words[last + 1 : last + 1 + FAR] if w.sentence <= ends]
    return bool(_TURNS & set(after))
