"""What sacreBLEU counts in each sentence, once: sums of it are scored, never scores averaged.

Shapes: N sentences.

Source: Post 2018, A call for clarity in reporting BLEU scores,
https://aclanthology.org/W18-6319; sacreBLEU is imported where it is used, for it takes 0.15 s.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from core.errors import ConfigError

if TYPE_CHECKING:
    from sacrebleu.metrics.bleu import BLEU, BLEUScore

Sentence = str | Sequence[str]
Counts = NDArray[np.int64]

TOKENIZERS = ("none", "13a", "char", "intl", "zh", "ja-mecab", "ko-mecab")
_DOWNLOADED = ("spm", "flores101", "flores200", "spBLEU-1K")


@dataclass(frozen=True, slots=True)
class SentenceStatistics:
    """What BLEU and chrF need to know of N sentences, and their words as the tokenizer cuts them.

    Attributes:
        bleu_N10: length of the hypothesis and of the reference, matches of 1 to 4 words, and
            how many of 1 to 4 words the hypothesis has.
        chrf_N18: for 1 to 6 characters, how many the hypothesis and the reference have, and the
            matches; None where chrF was not asked for.
        signature: sacreBLEU's recipe of the BLEU, to be printed beside it.
    """

    bleu_N10: Counts
    chrf_N18: Counts | None
    hypotheses: list[list[str]]
    references: list[list[str]]
    signature: str
    chrf_signature: str

    @property
    def reference_lengths(self) -> list[int]:
        """Words of each reference."""
        lengths: list[int] = self.bleu_N10[:, 1].tolist()
        return lengths

    def select(self, index: Sequence[int]) -> Self:
        """Return the statistics of these sentences."""
        rows = list(index)
        return replace(
            self,
            bleu_N10=self.bleu_N10[rows],
            chrf_N18=None if self.chrf_N18 is None else self.chrf_N18[rows],
            hypotheses=[self.hypotheses[i] for i in rows],
            references=[self.references[i] for i in rows],
        )


def sentence_statistics(
    hypotheses: Sequence[Sentence],
    references: Sequence[Sentence],
    *,
    tokenize: str = "none",
    with_chrf: bool = False,
) -> SentenceStatistics:
    """Return the statistics of each hypothesis against its reference.

    Args:
        hypotheses: strings, or sequences of words, which are joined by spaces.
        references: one for each hypothesis.
        tokenize: one of `TOKENIZERS`; "none" takes the words as they are.
        with_chrf: whether chrF is counted too; it takes four times as long as BLEU.

    Raises:
        ConfigError: the numbers differ, or the tokenizer cannot be used.
    """
    _require_pairs(hypotheses, references)
    bleu = _bleu_metric(tokenize)
    lines, reference_lines = _lines(hypotheses), _lines(references)
    counts = bleu._extract_corpus_statistics(lines, [reference_lines])
    bleu.num_refs = 1  # sacreBLEU does not know it when there is no sentence
    chrf_counts, chrf_signature = None, ""
    if with_chrf:
        chrf_counts, chrf_signature = _chrf(lines, reference_lines)
    return SentenceStatistics(
        bleu_N10=np.array(counts, dtype=np.int64).reshape(-1, 10),
        chrf_N18=chrf_counts,
        hypotheses=[_words(bleu, line) for line in lines],
        references=[_words(bleu, line) for line in reference_lines],
        signature=str(bleu.get_signature()),
        chrf_signature=chrf_signature,
    )


def sentence_lengths(sentences: Sequence[Sentence], tokenize: str = "none") -> list[int]:
    """Return how many words each sentence has, as the tokenizer cuts them.

    Raises:
        ConfigError: the tokenizer cannot be used.
    """
    bleu = _bleu_metric(tokenize)
    return [len(_words(bleu, line)) for line in _lines(sentences)]


def bleu_score(counts_N10: Counts) -> "BLEUScore":
    """Return sacreBLEU's corpus score of these sentences: score, bp, ratio and lengths."""
    from sacrebleu.metrics.bleu import BLEU

    length, reference_length, *counts = counts_N10.sum(0).tolist()
    return BLEU.compute_bleu(counts[:4], counts[4:], length, reference_length, smooth_method="exp")


def chrf_score(counts_N18: Counts) -> float:
    """Return sacreBLEU's corpus chrF of these sentences, from 0 to 100."""
    from sacrebleu.metrics.chrf import CHRF

    return float(CHRF()._compute_score_from_stats(counts_N18.sum(0).tolist()).score)


def _require_pairs(hypotheses: Sequence[Sentence], references: Sequence[Sentence]) -> None:
    if len(hypotheses) != len(references):
        raise ConfigError(
            f"There are {len(hypotheses):,} hypotheses and {len(references):,} references; "
            "each hypothesis needs its own reference, in the same order."
        )


def _bleu_metric(tokenize: str) -> "BLEU":
    from sacrebleu.metrics.bleu import BLEU

    if tokenize in _DOWNLOADED:
        raise ConfigError(
            f"The tokenizer '{tokenize}' would download a model, and nothing is downloaded here; "
            f"choose from {', '.join(TOKENIZERS)}."
        )
    if tokenize not in TOKENIZERS:
        raise ConfigError(
            f"There is no tokenizer '{tokenize}'; choose from {', '.join(TOKENIZERS)}."
        )
    try:
        return BLEU(tokenize=tokenize, force=True)  # force: words given apart are not a mistake
    except (RuntimeError, ImportError, AssertionError) as error:
        raise ConfigError(
            f"The tokenizer '{tokenize}' needs a dictionary that is not installed: "
            f'pip install "sacrebleu[{tokenize[:2]}]", or choose another one.'
        ) from error


def _chrf(lines: list[str], references: list[str]) -> tuple[Counts, str]:
    from sacrebleu.metrics.chrf import CHRF

    metric = CHRF()
    counts = metric._extract_corpus_statistics(lines, [references])
    metric.num_refs = 1
    return np.array(counts, dtype=np.int64).reshape(-1, 18), str(metric.get_signature())


def _lines(sentences: Sequence[Sentence]) -> list[str]:
    return [each if isinstance(each, str) else " ".join(each) for each in sentences]


def _words(bleu: "BLEU", line: str) -> list[str]:
    words: list[str] = bleu._preprocess_segment(line).split()
    return words
