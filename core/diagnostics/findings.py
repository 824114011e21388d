"""What speaks for and against each cause, in numbers and in words, from its table.

The tables have the bucket as their index, and only buckets that were trained. `wrong` is the
share of words that are wrong with the gold prefix, `off` what attention loses of them, both by
bucket. Costs are shares of all words, the mean over the buckets.
"""

import math
from typing import Literal, NamedTuple

import pandas as pd

from core.diagnostics.length_effects import DecodingSettings

Cause = Literal["bottleneck", "attention", "exposure", "length"]
Shares = pd.Series  # of words, by bucket

THRESHOLDS: dict[Cause, float] = {
    "bottleneck": 0.15,
    "attention": 0.15,
    "exposure": 0.25,
    "length": 0.10,
}
"""The cost from which a cause is named. A healthy model too loses 0.05 to 0.2 of the words that
follow a planted mistake, so that exposure has to cost more than the others."""

LIVES_ON = 0.5
"""From this share of what the source brings, a decoder is said to live on its start state."""

READS = 2.0
"""A decoder reads its source when another one costs more than so many standard errors."""

LEARNED = 0.25
"""A model has learned the language when a word is so many nats likelier than by its frequency."""

RIGHT = 0.2
"""Up to this share of wrong words a model is right with the gold prefix: what is lost later is lost
to exposure or length."""

SIGNS = {"never_attended": 0.25, "recency": 0.4, "diagonality": 0.7, "entropy": 0.6}
"""Attention without a gold alignment looks amiss from here on (`diagonality`, of either sign: down
from here)."""

SIGNS_NEEDED = 2
"""One sign alone can be the task's: a sorted sentence has no diagonal."""


class Finding(NamedTuple):
    """What speaks for one cause: `cost` is the share of words that it loses, 0 to 1."""

    cost: float
    measured: str
    sentence: str


def percent(share: float) -> str:
    """Return a share as people write it: "7 %"."""
    return f"{100 * share:.0f} %"


def attention_cost(table: pd.DataFrame, wrong: Shares) -> Shares:
    """Return by bucket the share of words lost because attention looks elsewhere.

    With a gold alignment, the words that are wrong while it is off the gold word. Without, all
    wrong words, if `SIGNS_NEEDED` of the `SIGNS` agree that it looks amiss.
    """
    if table.empty:
        return wrong * 0.0
    looks_amiss = amiss_signs(table).sum(axis=1) >= SIGNS_NEEDED
    return table["errors_off_alignment"].fillna(wrong.where(looks_amiss, 0.0))


def amiss_signs(table: pd.DataFrame) -> pd.DataFrame:
    """Return by bucket which of the `SIGNS` looks amiss."""
    amiss = {name: table[name] >= SIGNS[name] for name in SIGNS}
    amiss["diagonality"] = table["diagonality"].abs() <= SIGNS["diagonality"]
    return pd.DataFrame(amiss)


def bottleneck_finding(
    table: pd.DataFrame, wrong: Shares, off: Shares, *, is_only_way: bool
) -> Finding:
    """Return whether the decoder lives on one vector, and loses words by it.

    `is_only_way` says that the model has no attention, so that a vector through which nothing
    comes is a bottleneck too, once the decoder has learned the language without it.
    """
    if table["state_nats"].isna().all():
        why = "there is no start state, or no second sentence, to swap with"
        return Finding(0.0, "no swap", f"Not a bottleneck that could be told: {why}.")
    own, other = float(table["own_state"].mean()), float(table["other_state"].mean())
    measured = f"{percent(own)} right with its own state, {percent(other)} with another's"
    swap = (
        f"with the gold prefix {percent(own)} of the words are right, and with the start state of "
        f"another sentence {percent(other)}"
    )
    cost = float((wrong - off).clip(lower=0).mean())
    reads = float(table["source_nats"].mean())
    if reads > READS * math.hypot(*table["source_nats_error"].fillna(0.0)) / len(table):
        share = min(1.0, max(0.0, float(table["state_nats"].mean()) / reads))
        through = f"{percent(share)} of what the model reads of its source comes through it"
        is_cause = share >= LIVES_ON
    else:
        learned = float(table["language_nats"].mean())
        through = (
            f"nothing of the source comes through it, while a word is {learned:.1f} nats likelier "
            "than by its frequency"
        )
        is_cause = is_only_way and learned >= LEARNED
    if not is_cause or cost < THRESHOLDS["bottleneck"]:
        return Finding(cost * is_cause, measured, f"Not a bottleneck: {swap}; {through}.")
    return Finding(
        cost,
        measured,
        f"Bottleneck: {swap}; {through}. That one vector is too small, or not yet filled: more "
        "units or more updates would tell which.",
    )


def attention_finding(table: pd.DataFrame, off: Shares) -> Finding:
    """Return whether attention looks elsewhere, and loses words by it."""
    if table.empty:
        return Finding(0.0, "no attention", "Not attention: the model has none.")
    mean = table.mean(numeric_only=True)
    cost = float(off.mean())
    looks = (
        f"{percent(mean['never_attended'])} of the source is never looked at, its last fifth gets "
        f"{percent(mean['recency'])} of the weight, entropy is {mean['entropy']:.2f} of its "
        f"greatest value, diagonality {mean['diagonality']:.2f}"
    )
    if table["errors_off_alignment"].notna().all():
        measured = f"on the gold word for {percent(mean['matches_alignment'])} of the words"
        looks = f"it is {measured}; {looks}"
        lost = f"{percent(cost)} of the words are wrong while it looks elsewhere"
    else:
        amiss = amiss_signs(table).mean()
        signs = [name.replace("_", " ") for name in SIGNS if amiss[name] >= 0.5]
        measured = f"amiss: {', '.join(signs) or 'nothing'}"
        lost = f"{measured}; {percent(cost)} of the words are wrong where {SIGNS_NEEDED} are"
    head = "Attention fails" if cost >= THRESHOLDS["attention"] else "Not attention"
    return Finding(cost, measured, f"{head}: {looks}; {lost}.")


def exposure_finding(table: pd.DataFrame, wrong: Shares, settings: DecodingSettings) -> Finding:
    """Return whether a model that is right with the gold prefix goes astray after a mistake."""
    is_right = wrong <= RIGHT
    if not is_right.any():
        measured = f"{percent(float(wrong.mean()))} wrong with the gold prefix"
        why = f"{measured} already, before any mistake of its own"
        return Finding(0.0, measured, f"Not exposure: {why}.")
    planted = (table["planted_edit_error"] - table["clean_edit_error"]).fillna(0.0)
    lost = planted.clip(lower=table["edit_error"] - wrong).clip(0, 1)
    cost = float(lost.where(is_right, 0.0).mean())
    seen = table[is_right].mean(numeric_only=True)
    head = "Exposure" if cost >= THRESHOLDS["exposure"] else "Not exposure"
    free = percent(seen["edit_error"])
    read = (
        f"{head}: with the gold prefix {percent(seen['teacher_forced_error'])} of the words are "
        f"wrong, after its own words {free}"
    )
    if math.isnan(seen["planted_edit_error"]):
        why = f"no sentence is long enough to replace word {settings.planted_error}"
        return Finding(cost, f"{free} wrong after its own words", f"{read}; {why}.")
    after, clean = percent(seen["planted_edit_error"]), percent(seen["clean_edit_error"])
    return Finding(
        cost,
        f"{after} wrong after a planted mistake, {clean} without",
        f"{read}; once word {settings.planted_error} is replaced by a wrong one, {after} of those "
        f"after it instead of {clean}.",
    )


def length_finding(table: pd.DataFrame, wrong: Shares, settings: DecodingSettings) -> Finding:
    """Return whether right words are lost because translations end early or the search errs."""
    missing = (table["missing"] - wrong).clip(lower=0).where(wrong <= RIGHT, 0.0)
    searched = table["decoded_edit_error"] - table["greedy_edit_error"]
    cost = float(missing.clip(lower=searched).clip(upper=1).mean())
    mean = table.mean(numeric_only=True)
    how = "greedy decoding"
    if not settings.is_greedy:
        how = f"beam {settings.beam} and length penalty {settings.length_penalty:g}"
    head = "Length" if cost >= THRESHOLDS["length"] else "Not length"
    return Finding(
        cost,
        f"{percent(mean['missing'])} of the words missing",
        f"{head}: with {how} {percent(mean['missing'])} of the words are missing, while "
        f"{percent(float(wrong.mean()))} are wrong with the gold prefix; the edit error is "
        f"{mean['decoded_edit_error']:.2f}, greedily {mean['greedy_edit_error']:.2f}; for "
        f"{percent(mean['search_errors'])} of the sentences the model knows a likelier one than "
        "greedy decoding finds.",
    )
