"""Claims 35-37: what is said to help against length. Each experiment takes a seed.

Legend: B batch, S source time, D width.
"""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from core.claims.finding import Finding, Verdict, decide
from core.claims.translation_training import SHORT, differences, trained_at_once
from core.labs.translation_config import TranslationConfig
from core.labs.translation_scores import LEAST_DIFFERENCE, effect
from core.metrics.paired import Difference

EXTRAPOLATION = replace(
    SHORT, longest=15, buckets=(6, 12, 30), hidden=64, learning_rate=9e-3, updates=300
)
TWICE_AS_LONG = 30
IN_RANGE = 12
KEPT = 0.8
HALF = 0.5
DECODERS = ((64, 1), (128, 1), (64, 2))
"""Hidden size and layers of a decoder after an encoder with 64 units a direction."""


def sampling_is_a_remedy(
    seed: int, *, remedy: str = "sampling-linear", config: TranslationConfig = SHORT
) -> Finding:
    """Claim 35: train the plain model with scheduled sampling and without, equally long."""
    plain, treated = trained_at_once(("plain", remedy), config, seed)
    rows = differences(treated, plain)
    tested = config.trained
    found = [_effect(rows[bucket]) for bucket in tested]
    helps = found.count("helps")
    told = "; ".join(f"{_interval(rows[bucket])} at {bucket} words" for bucket in tested)
    return Finding(
        verdict=judge_remedy(found),
        measured=f"BLEU against plain: {told}",
        threshold=f"{LEAST_DIFFERENCE:.0f} points and an interval above 0 at the longest and no "
        "harm elsewhere support it, no help at any length refutes it",
        n=sum(rows[bucket].n for bucket in tested),
        sentence=f"After as many updates {treated.label} helps at {helps} of {len(tested)} "
        f"lengths: BLEU {treated.curve(tested)} at {_words(tested)}, the plain model's "
        f"{plain.curve(tested)}.",
    )


def judge_remedy(found: Sequence[str]) -> Verdict:
    """Return the verdict on claim 35, given the effect at each length, the longest last."""
    if "helps" not in found:
        return "refuted"
    return "supported" if found[-1] == "helps" and "hurts" not in found else "depends"


def transformers_hold(
    seed: int,
    *,
    rival: str = "attention",
    tested: int = TWICE_AS_LONG,
    config: TranslationConfig = EXTRAPOLATION,
) -> Finding:
    """Claim 36: a Transformer and an LSTM with attention, tested at twice the trained length."""
    transformer, other = trained_at_once(("transformer-sinusoidal", rival), config, seed)
    row = differences(transformer, other)[tested]
    kept, rival_kept = (each.kept(IN_RANGE, tested) for each in (transformer, other))
    is_better, holds = _effect(row) == "helps", kept >= KEPT
    curve = (IN_RANGE, tested)
    return Finding(
        verdict=decide(supported=is_better + holds, refuted=2 - is_better - holds),
        measured=f"BLEU at {IN_RANGE} and {tested} words: Transformer {transformer.curve(curve)}, "
        f"{other.label} {other.curve(curve)}; difference at {tested} "
        f"{_interval(row)}",
        threshold=f"{KEPT:.0%} kept, and {LEAST_DIFFERENCE:.0f} points above the rival: both "
        "support it, neither refutes it",
        n=row.n,
        sentence=f"Trained on {config.shortest} to {config.longest} words, the Transformer keeps "
        f"{kept:.0%} of its BLEU at {tested} words, {other.label} {rival_kept:.0%}; it is "
        f"{'' if is_better else 'not '}clearly better there"
        + (": untrained lengths are hard for both." if max(kept, rival_kept) < KEPT else "."),
    )


def bidirectional_is_a_drop_in(
    seed: int,
    *,
    has_bridge: bool = False,
    model: str = "bidirectional",
    config: TranslationConfig = SHORT,
) -> Finding:
    """Claim 37: hand the state of a bidirectional encoder to a decoder; then train with a bridge.

    With `has_bridge` a linear layer joins the directions before the decoder reads them.
    """
    runs = sum(decoder_runs(*decoder, has_bridge=has_bridge) for decoder in DECODERS)
    forward, treated = trained_at_once(("plain-forward", model), config, seed)
    short, long = config.trained[0], config.trained[-1]
    rows = differences(treated, forward)
    helps = sum(_effect(rows[bucket]) == "helps" for bucket in config.trained)
    kept = treated.kept(short, long)
    passed = (runs == len(DECODERS), 2 * helps > len(config.trained), kept >= HALF)
    return Finding(
        verdict=decide(supported=sum(passed), refuted=len(passed) - sum(passed)),
        measured=f"{runs} of {len(DECODERS)} decoders take the state; trained with a bridge, BLEU "
        f"at {_words(config.trained)} is {treated.curve(config.trained)}, forward only "
        f"{forward.curve(config.trained)}; difference at {long} {_interval(rows[long])}",
        threshold="every decoder runs, it helps at most lengths (by "
        f"{LEAST_DIFFERENCE:.0f} points), and {HALF:.0%} of the BLEU is kept from {short} to "
        f"{long} words: all support it, none refutes it",
        n=sum(rows[bucket].n for bucket in config.trained),
        sentence=f"{runs} of {len(DECODERS)} decoders accept the state of both directions"
        + (" (a second layer takes the other direction by accident)" if runs == 1 else "")
        + f". With a bridge {treated.label} helps at {helps} of {len(config.trained)} lengths and "
        f"keeps {kept:.0%} of its BLEU from {short} to {long} words: "
        + ("the fall is gone." if kept >= HALF else "it falls with length all the same."),
    )


def decoder_runs(decoder_hidden: int, layers: int, *, has_bridge: bool, hidden: int = 64) -> bool:
    """Return whether a decoder can start from the last state of a bidirectional encoder."""
    encoder = nn.LSTM(hidden, hidden, batch_first=True, bidirectional=True)
    decoder = nn.LSTM(hidden, decoder_hidden, layers, batch_first=True)
    words_BSD = torch.zeros(2, 3, hidden)
    final: tuple[Tensor, Tensor] = encoder(words_BSD)[1]
    if has_bridge:
        bridge = nn.Linear(2 * hidden, decoder_hidden)
        h, c = (bridge(torch.cat([*part], -1)).repeat(layers, 1, 1) for part in final)
        final = (h, c)
    try:
        decoder(words_BSD, final)
    except RuntimeError:
        return False
    return True


def _effect(row: Difference) -> str:
    if row.difference is None or row.low is None or row.high is None:
        return "no effect here"
    return effect(row.difference, row.low, row.high)


def _interval(row: Difference) -> str:
    return f"{row.difference:+.1f} [{row.low:+.1f}, {row.high:+.1f}]"


def _words(lengths: Sequence[int]) -> str:
    return f"{', '.join(map(str, lengths))} words"
