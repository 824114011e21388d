"""Claims 31, 32 and 34: scores, states and schedules. Each experiment takes a seed.

Legend: B batch, T target time.
"""

import random
from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor

from core.claims.finding import Finding, decide
from core.claims.translation_training import SHORT, Trained, trained, trained_at_once
from core.data.pair_batch import PairBatch, PairInputs
from core.diagnostics.bottleneck import bottleneck_table
from core.labs.translation_config import TranslationConfig
from core.labs.translation_scores import LEAST_DIFFERENCE, references
from core.metrics.bleu import BucketScore
from core.metrics.statistics import bleu_score, sentence_statistics
from core.text.words import PAD

STATED = {10: 85.0, 50: 60.0, 100: 30.0}
"""The scores of the answer at 10, 50 and 100 words, on BLEU's scale of 0 to 100."""
LEAST_LOSS = 0.05
EPOCHS = 20
LAST_EPOCHS = 5
PASSES = 5
INFERENCE_SHARE = 0.9


def bleu_follows_the_stated_curve(
    seed: int, *, stated: Mapping[int, float] = STATED, config: TranslationConfig = SHORT
) -> Finding:
    """Claim 31: are the scores of the answer those of a model with or without attention?"""
    models = trained_at_once(("plain", "attention"), config, seed)
    inside = [
        sum(_within(each.scores[bucket], bleu) for bucket, bleu in stated.items())
        for each in models
    ]
    whole = sum(count == len(stated) for count in inside)
    lengths = tuple(stated)
    plain, attention = (each.curve(lengths) for each in models)
    first, last = (models[0].scores[bucket] for bucket in (lengths[0], lengths[-1]))
    by_characters = _bleu_by_characters(models[0], lengths[0])
    return Finding(
        verdict=decide(supported=whole, refuted=len(models) - whole),
        measured=f"BLEU at {_listed(lengths)} words: {plain} plain, {attention} with attention; "
        f"stated {_listed(stated.values())}",
        threshold="all stated scores in the 95 % intervals, made wider by "
        f"{LEAST_DIFFERENCE:.0f} points: of both models supports it, of neither refutes it",
        n=sum(models[0].scores[bucket].n for bucket in lengths),
        sentence=f"{sum(inside)} of {len(models) * len(stated)} stated scores fit models trained "
        f"on {config.shortest} to {config.longest} words. A BLEU alone says little: the plain "
        f"model's {first.bleu:.0f} at {lengths[0]} words is {by_characters:.0f} by characters, and "
        f"at {lengths[-1]} words its score is multiplied by {last.brevity_penalty:.2f} for short "
        "output.",
    )


def _within(row: BucketScore, stated: float) -> bool:
    if row.low is None or row.high is None:
        return False
    return row.low - LEAST_DIFFERENCE <= stated <= row.high + LEAST_DIFFERENCE


def _bleu_by_characters(known: Trained, bucket: int) -> float:
    """Return the BLEU of the same hypotheses when every character is a token."""
    wanted = references(known.material, known.config.final_pairs)
    index = known.material.corpus.buckets.split(map(len, wanted))[bucket]
    statistics = sentence_statistics(
        [known.hypotheses[i] for i in index], [wanted[i] for i in index], tokenize="char"
    )
    return bleu_score(statistics.bleu_N10).score


def similar_states_prove_a_bottleneck(
    seed: int,
    *,
    models: tuple[str, str] = ("plain", "attention"),
    config: TranslationConfig = SHORT,
) -> Finding:
    """Claim 32: does the model with the more similar states lose more with another's state?"""
    first, second = trained_at_once(models, config, seed)
    ours, theirs = (
        bottleneck_table(each.model, [each.sample(bucket) for bucket in config.trained], seed=seed)
        for each in (first, second)
    )
    lost = [(table["own_state"] - table["other_state"]).tolist() for table in (ours, theirs)]
    cosines = [table["cosine"].tolist() for table in (ours, theirs)]
    agree, differ = judge_states(*cosines, *lost)
    verdict = decide(supported=agree, refuted=differ)
    return Finding(
        verdict=verdict,
        measured=f"at {_listed(config.trained)} words: cosine of the states "
        f"{_shares(cosines[0])} ({first.label}) and {_shares(cosines[1])} ({second.label}); words "
        f"lost with another sentence's state {_shares(lost[0])} and {_shares(lost[1])}",
        threshold="at every length the more similar states belong to the model that loses more "
        "words: supports it; to the one that loses fewer: refutes it",
        n=int(ours["n"].sum()),
        sentence=f"In {differ} of {agree + differ} lengths the test of similarity accuses the "
        "model that needs its state less: states grow alike where little depends on them. Giving "
        "the decoder another sentence's state tells the two apart."
        if differ
        else f"In {agree} of {len(config.trained)} lengths the model with the more similar states "
        "is also the one that needs them more.",
    )


def judge_states(
    cosines: Sequence[float],
    other_cosines: Sequence[float],
    lost: Sequence[float],
    other_lost: Sequence[float],
) -> tuple[int, int]:
    """Return at how many lengths similarity and loss accuse the same model, and different ones.

    Lengths at which both lose about the same say nothing.
    """
    products = [
        (cosine - other_cosine) * (loss - other_loss)
        for cosine, other_cosine, loss, other_loss in zip(
            cosines, other_cosines, lost, other_lost, strict=True
        )
        if abs(loss - other_loss) >= LEAST_LOSS
    ]
    return sum(each > 0 for each in products), sum(each < 0 for each in products)


def schedule_reaches_inference(
    seed: int,
    *,
    floor: float = 0.5,
    keeps_start: bool = False,
    config: TranslationConfig = SHORT,
) -> Finding:
    """Claim 34: follow the schedule for `EPOCHS`, and count what the decoder is fed.

    `floor` is the least share of right words, `keeps_start` whether the first input is never
    replaced; the answer as written says 0.5 and does not look.
    """
    known = trained("plain", config, seed)
    batch = known.sample(config.trained[-1]).batch
    words_BT = batch.inputs.target_BT
    real_BT = words_BT != PAD
    with torch.no_grad():
        output_BT = known.model(batch.inputs).argmax(-1)
    draw = random.Random(seed)
    wrapped = 0
    shares = []
    for epoch in range(EPOCHS):
        ratio = max(floor, 1 - 0.1 * epoch)
        own = fed = 0
        for _ in range(PASSES):
            is_own_T = torch.tensor([draw.random() >= ratio for _ in range(words_BT.shape[1])])
            if keeps_start:
                is_own_T[0] = False
            wrapped += bool(is_own_T[0])
            own += int((is_own_T & real_BT).sum())
            fed += int(real_BT.sum())
        shares.append(own / fed)
    share = sum(shares[-LAST_EPOCHS:]) / LAST_EPOCHS
    right, wrong = (
        _share_right(known, batch, torch.cat([first_B1, words_BT[:, 1:]], 1))
        for first_B1 in (words_BT[:, :1], output_BT[:, -1:])
    )
    reaches = share >= INFERENCE_SHARE
    return Finding(
        verdict=decide(supported=reaches + (not wrapped), refuted=(not reaches) + (wrapped > 0)),
        measured=f"own words are {share:.0%} of the inputs in the last {LAST_EPOCHS} of {EPOCHS} "
        f"epochs; in {wrapped} of {EPOCHS * PASSES} passes the first input is model_output[-1], "
        f"after which {wrong:.1%} of words are right instead of {right:.1%}",
        threshold=f"{INFERENCE_SHARE:.0%} own words at the end and never the index -1 support it, "
        "neither refutes it",
        n=EPOCHS * PASSES,
        sentence=f"The decoder ends up reading its own words at {share:.0%} of its steps, against "
        "all of them at inference"
        + (
            f"; and at t = 0 the index t-1 is -1: {wrapped} passes began with the last word of "
            "the output in place of the start sign."
            if wrapped
            else ", and always begins with the start sign."
        ),
    )


@torch.no_grad()
def _share_right(known: Trained, batch: PairBatch, fed_BT: Tensor) -> float:
    right_BT = known.model(PairInputs(batch.inputs.source_BS, fed_BT)).argmax(-1) == batch.targets
    return float(right_BT[batch.targets != PAD].double().mean())


def _listed(values: Iterable[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _shares(values: Iterable[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in values)
