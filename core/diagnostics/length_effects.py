"""What length alone costs: translations too short, and likelier ones that the search missed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
from torch import Tensor

from core.decoding.beam import Hypothesis, beam_search
from core.decoding.greedy import Greedy, greedy, length_limit
from core.diagnostics.forced_reading import Sample, filled, home, read_forced, undisturbed
from core.errors import ConfigError
from core.metrics.quality import edit_error
from core.metrics.statistics import bleu_score, sentence_statistics
from core.models.translator import Translator
from core.text.words import UNKNOWN

if TYPE_CHECKING:
    from sacrebleu.metrics.bleu import BLEUScore

COLUMNS = (
    "bucket",
    "n",
    "length_ratio",
    "brevity_penalty",
    "bleu",
    "bleu_unpenalized",
    "beam_bleu",
    "beam_length_ratio",
    "search_errors",
    "penalty_bleu",
    "penalty_length_ratio",
    "missing",
    "greedy_edit_error",
    "decoded_edit_error",
)
_TIE = 1e-3  # nats: batches of another shape round differently


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodingSettings:
    """How hypotheses are decoded, and the error that a diagnosis plants in them.

    `beam` 1 without a penalty is greedy, see `beam_search`; `planted_error` is the word that is
    replaced, 1 the first.
    """

    beam: int = 1
    length_penalty: float = 0.0
    planted_error: int = 3

    def __post_init__(self) -> None:
        if self.beam < 1 or self.planted_error < 1:
            raise ConfigError(
                f"beam is {self.beam} and planted_error {self.planted_error}; both start at 1."
            )

    @property
    def is_greedy(self) -> bool:
        """Whether the likeliest word is taken at each step."""
        return self.beam == 1 and self.length_penalty == 0


def length_effects_table(
    model: Translator,
    samples: Sequence[Sample],
    *,
    settings: DecodingSettings | None = None,
    least_beam: int = 4,
) -> pd.DataFrame:
    """Return what length does to the score, a row per bucket.

    "Beam" is a search by log-probability alone, as wide as the settings say, at least
    `least_beam`; "penalty" is the same search with the length penalty of the settings, and
    equals it without one; "decoded" is what the settings give.

    Columns:
        bucket: words of the reference.
        n: sentences.
        length_ratio: words of the greedy output over those of the references.
        brevity_penalty: what BLEU of the greedy output is multiplied by because of it; 1 is none.
        bleu, bleu_unpenalized: of the greedy output, 0 to 100, with and without that factor;
            the latter is NaN where it is 0.
        beam_bleu, beam_length_ratio: of the beam's best.
        search_errors: share of sentences where the beam's best, or the reference if all its
            words are known, is likelier than the greedy output: the model knew better than the
            search found.
        penalty_bleu, penalty_length_ratio: of the best by the score with the length penalty.
        missing: share of reference words by which the decoded output is shorter.
        greedy_edit_error, decoded_edit_error: edits per reference word.
    """
    settings = settings or DecodingSettings()
    rows = [
        _row(model, sample, settings, max(least_beam, settings.beam)) for sample in filled(samples)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(
    model: Translator, sample: Sample, settings: DecodingSettings, beam: int
) -> dict[str, float | None]:
    source_BS = sample.batch.inputs.source_BS.to(home(model))
    most = length_limit(int(sample.lengths.max()))
    with undisturbed(model):
        first = greedy(model, source_BS, most=most)
        best = _best(model, source_BS, beam, most, 0.0)
        penalized = best
        if settings.length_penalty:
            penalized = _best(model, source_BS, beam, most, settings.length_penalty)
        decoded = penalized
        if settings.beam != beam and not settings.is_greedy:
            decoded = _best(model, source_BS, settings.beam, most, settings.length_penalty)
    greedy_words = _texts(sample, first.words)
    beam_words = _texts(sample, [each.words for each in best])
    penalty_words = _texts(sample, [each.words for each in penalized])
    decoded_words = (
        greedy_words if settings.is_greedy else _texts(sample, [each.words for each in decoded])
    )
    references = [list(pair.target) for pair in sample.pairs]
    score = _score(greedy_words, sample)
    beam_score, penalty_score = _score(beam_words, sample), _score(penalty_words, sample)
    return {
        "bucket": sample.bucket,
        "n": len(sample.pairs),
        "length_ratio": score.ratio,
        "brevity_penalty": score.bp,
        "bleu": score.score,
        "bleu_unpenalized": score.score / score.bp if score.bp else math.nan,
        "beam_bleu": beam_score.score,
        "beam_length_ratio": beam_score.ratio,
        "search_errors": _search_errors(model, sample, first, best),
        "penalty_bleu": penalty_score.score,
        "penalty_length_ratio": penalty_score.ratio,
        "missing": missing_share(decoded_words, references),
        "greedy_edit_error": edit_error(greedy_words, references),
        "decoded_edit_error": edit_error(decoded_words, references),
    }


def missing_share(
    hypotheses: Sequence[Sequence[str]], references: Sequence[Sequence[str]]
) -> float:
    """Return the share of reference words by which hypotheses are shorter than theirs."""
    missing = sum(
        max(0, len(wanted) - len(given))
        for given, wanted in zip(hypotheses, references, strict=True)
    )
    return missing / max(1, sum(map(len, references)))


def _best(
    model: Translator, source_BS: Tensor, beam: int, most: int, penalty: float
) -> list[Hypothesis]:
    found = beam_search(model, source_BS, beam=beam, most=most, length_penalty=penalty)
    return [hypotheses[0] for hypotheses in found]


def _texts(sample: Sample, rows: Sequence[Sequence[int]]) -> list[list[str]]:
    return [sample.target.decode(row) for row in rows]


def _score(hypotheses: list[list[str]], sample: Sample) -> "BLEUScore":
    references = [pair.target for pair in sample.pairs]
    return bleu_score(sentence_statistics(hypotheses, references).bleu_N10)


def _search_errors(
    model: Translator, sample: Sample, first: Greedy, best: Sequence[Hypothesis]
) -> float:
    log_probability_B = read_forced(model, sample.batch).log_probability_BT.sum(1)
    is_unsayable_B = (sample.batch.targets == UNKNOWN).any(1)
    reference_B = log_probability_B.masked_fill(is_unsayable_B, -math.inf).tolist()
    greedy_B = [sum(row) for row in first.log_probabilities]
    missed = [
        bool(max(reference, each.log_probability) > found + _TIE)
        for reference, each, found in zip(reference_B, best, greedy_B, strict=True)
    ]
    return sum(missed) / max(1, len(missed))
