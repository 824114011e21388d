"""Claims 10, 11, 15 and 16: what classifiers get right. Each experiment takes a seed."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.claims.finding import Finding, decide
from core.claims.sentiment_training import ROWS, SMALL, trained, trained_at_once
from core.claims.sentiment_tuning import ENCODER, frozen_rights
from core.data.labelled import Example
from core.data.reviews import POLARITY, load_reviews
from core.diagnostics.word_order import BAD, GOOD, negation_columns
from core.labs.sentiment_config import SentimentConfig
from core.metrics.ranking import Rights, compare_accuracy
from core.models.classifiers import find_classifier
from core.models.open_encoder import open_encoder
from core.training.pair_loop import core_threads

FROZEN = "pretrained-frozen"
SIZES = (100, 600)
"""Sentences to learn from."""
FEW = replace(SMALL, batch_size=20)
"""Small batches, so that few sentences make enough updates."""

STATED = {"lstm": (0.88, 0.90), "cnn": (0.87, 0.89)}

SHORTEST, LONGEST = 50, 500
"""Words of a review, in the answer."""
LONG = 400
MOST_PIECES = 512
REVIEWS = 3000
MOST_CUT = 0.01

UNDERSTOOD, NOT_UNDERSTOOD = 0.8, 0.5


def pretraining_needs_more_data(
    seed: int,
    *,
    model: str = FROZEN,
    rivals: Sequence[str] = ("bag-of-words", "lstm", "cnn"),
    sizes: Sequence[int] = SIZES,
    config: SentimentConfig = FEW,
) -> Finding:
    """Claim 10: learn from few sentences, from pretrained features and from nothing.

    What learns from nothing may also choose its best epoch by 400 further labels.
    """
    curves = _curves((model, *rivals), seed, sizes, config)
    ours, theirs = curves[model], {rival: curves[rival] for rival in rivals}
    better, worse = judge_curves(ours, theirs)
    label = f"frozen {ENCODER}" if model == FROZEN else find_classifier(model).label
    others = ", ".join(find_classifier(rival).label for rival in rivals)
    curve = {rows: float(right_N.mean()) for rows, right_N in ours.items()}
    best = {rows: max(float(each[rows].mean()) for each in theirs.values()) for rows in sizes}
    needed = [rows for rows in sizes if best[rows] >= curve[sizes[0]]]
    return Finding(
        verdict=decide(supported=worse, refuted=better),
        measured=f"right after {_listed(sizes)} sentences: {label} {_percents(curve)}, the best of "
        f"{others} {_percents(best)}",
        threshold="with as many labels, clearly worse than another one supports it, clearly "
        "better than all refutes it",
        n=len(ours[sizes[0]]),
        sentence=f"With as many labels {label} is clearly better than all of {others} at "
        f"{better} of {len(sizes)} sizes, and clearly worse than one of them at {worse}. What it "
        f"reaches with {sizes[0]:,} labelled sentences, "
        + (
            f"the best of the others reaches with {needed[0]:,}."
            if needed
            else f"none of the others reaches with {sizes[-1]:,}."
        ),
    )


def _curves(
    names: Sequence[str], seed: int, sizes: Sequence[int], config: SentimentConfig
) -> dict[str, dict[int, Rights]]:
    """Return what each model has right by what it learned from; the encoder reads meanwhile."""
    from_nothing = [name for name in names if name != FROZEN]
    wanted = [(name, rows) for name in from_nothing for rows in sizes]
    with core_threads(1) as aside:
        frozen = aside.submit(frozen_rights, seed, sizes) if FROZEN in names else None
        known = dict(zip(wanted, trained_at_once(wanted, seed, config), strict=True))
        curves = {name: {n: known[name, n].right_N for n in sizes} for name in from_nothing}
        return curves if frozen is None else curves | {FROZEN: frozen.result()}


def judge_curves(
    ours: Mapping[int, Rights], theirs: Mapping[str, Mapping[int, Rights]]
) -> tuple[int, int]:
    """Return at how many sizes we are clearly better than all, and clearly worse than one."""
    better = worse = 0
    for rows, right_N in ours.items():
        found = [compare_accuracy(right_N, each[rows]) for each in theirs.values()]
        leads = [0.0 if row.is_tie else row.difference or 0.0 for row in found]
        better += min(leads) > 0
        worse += min(leads) < 0
    return better, worse


def stated_accuracies_hold(
    seed: int,
    *,
    stated: Mapping[str, tuple[float, float]] = STATED,
    rows: int = ROWS,
    config: SentimentConfig = SMALL,
) -> Finding:
    """Claim 11: is the first model better than the second, and are both where the answer says?"""
    first, second = trained_at_once([(name, rows) for name in stated], seed, config)
    found = compare_accuracy(first.right_N, second.right_N)
    assert found.difference is not None
    is_better = not found.is_tie and found.difference > 0
    inside = [
        low <= each.accuracy <= high
        for each, (low, high) in zip((first, second), stated.values(), strict=True)
    ]
    passed = (is_better, *inside)
    ranges = " and ".join(f"{low:.0%} to {high:.0%}" for low, high in stated.values())
    return Finding(
        verdict=decide(supported=sum(passed), refuted=len(passed) - sum(passed)),
        measured=f"{first.label} {first.accuracy:.1%}, {second.label} {second.accuracy:.1%}; "
        f"difference {found.difference:+.1%} [{found.low:+.1%}, {found.high:+.1%}]",
        threshold=f"{first.label} clearly better and both in their range, {ranges}: all three "
        "support it, none refutes it",
        n=found.n,
        sentence=f"Trained on {rows:,} film sentences of two classes, the {first.label} is "
        f"{'' if is_better else 'not '}clearly better on the same {found.n} sentences, and "
        f"{sum(inside)} of 2 accuracies are in the stated range. An accuracy belongs to its "
        "texts: the answer names neither texts nor their number, and has three classes besides.",
    )


def reviews_suit_all_models(
    seed: int,
    *,
    longest: int = LONGEST,
    rows: int = ROWS,
    config: SentimentConfig = SMALL,
) -> Finding:
    """Claim 15: count the reviews of 50 to `longest` words that BERT has to cut at 512 pieces."""
    encoder = open_encoder(most_pieces=MOST_PIECES)
    drawn = random.Random(seed).sample(load_reviews("imdb").examples, REVIEWS)
    texts = [each.text for each in drawn if SHORTEST <= len(each.text.split()) <= longest]
    long = [text for text in texts if len(text.split()) >= LONG]
    cut, long_cut = encoder.count_cut(texts), encoder.count_cut(long)
    bag, lstm = trained_at_once([("bag-of-words", rows), ("lstm", rows)], seed, config)
    share = cut / len(texts)
    suits = share <= MOST_CUT
    return Finding(
        verdict=decide(supported=suits, refuted=not suits),
        measured=f"{share:.1%} of the reviews of {SHORTEST} to {longest} words have more than "
        f"{MOST_PIECES} pieces, {long_cut} of the {len(long)} from {LONG} words on",
        threshold=f"at most {MOST_CUT:.0%} cut supports it",
        n=len(texts),
        sentence=f"BERT reads {MOST_PIECES} pieces and no more, and words are cut into pieces: "
        f"{cut} of {len(texts)} such IMDb reviews lose their end, where the verdict often stands. "
        "Nor is it said what a bag of words would do, which reads any length: on film sentences "
        f"it has {bag.accuracy:.1%} right, the LSTM {lstm.accuracy:.1%}.",
    )


def cnn_captures_negation(
    seed: int, *, lessons: int = 0, rows: int = ROWS, config: SentimentConfig = SMALL
) -> Finding:
    """Claim 16: give a trained CNN sentences and their negations.

    `lessons` is how often it is also taught, in other words, what "not" does to each adjective.
    """
    known = trained("cnn", seed, rows=rows, config=config, lessons=_lessons(lessons))
    columns = negation_columns(known.predictor, POLARITY)
    pairs = list(zip(columns["plain_right"], columns["negated_right"], strict=True))
    plain, negated = (sum(column) for column in zip(*pairs, strict=True))
    both = sum(plain and negated for plain, negated in pairs)
    share = both / len(pairs)
    at = columns["negated"].index("the film is not bad")
    return Finding(
        verdict=decide(supported=share >= UNDERSTOOD, refuted=share < NOT_UNDERSTOOD),
        measured=f"both sentences of a pair right in {both} of {len(pairs)}; {plain} plain ones "
        f"and {negated} negated ones right",
        threshold=f"{UNDERSTOOD:.0%} of the pairs support it, under {NOT_UNDERSTOOD:.0%} refutes "
        "it",
        n=len(pairs),
        sentence=f'Of "the film is X" and its negation the CNN has both right in {both} of '
        f'{len(pairs)} pairs; "the film is not bad" is positive with probability '
        f"{columns['probability_negated'][at]:.2f}. Both words fit into its kernels, but what "
        f"they mean together must be learned, and {len(known.fold.train):,} sentences "
        + ("teach it." if share >= UNDERSTOOD else "do not teach it."),
    )


def _lessons(times: int) -> tuple[Example, ...]:
    """Return sentences with and without "not", each so many times."""
    pairs = [(word, 1) for word in GOOD] + [(word, 0) for word in BAD]
    return (
        tuple(
            Example(text, label)
            for word, polarity in pairs
            for text, label in (
                (f"this movie is {word}", polarity),
                (f"this movie is not {word}", 1 - polarity),
            )
        )
        * times
    )


def _listed(sizes: Sequence[int]) -> str:
    return ", ".join(f"{size:,}" for size in sizes)


def _percents(shares: Mapping[int, float]) -> str:
    return ", ".join(f"{share:.0%}" for share in shares.values())
