"""Which of four causes loses a translation model's words: the verdict, with what decided it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from core.diagnostics.attention_quality import attention_quality_table
from core.diagnostics.bottleneck import bottleneck_table
from core.diagnostics.exposure import exposure_table
from core.diagnostics.findings import (
    RIGHT,
    THRESHOLDS,
    Cause,
    Finding,
    attention_cost,
    attention_finding,
    bottleneck_finding,
    exposure_finding,
    length_finding,
    percent,
)
from core.diagnostics.forced_reading import Sample, filled
from core.diagnostics.length_effects import DecodingSettings, length_effects_table
from core.models.translator import Translator

Verdict = Cause | Literal["nothing dominates"]
CAUSE_COLUMNS = ("cause", "measured", "cost", "threshold", "named", "sentence")


@dataclass(frozen=True, slots=True, eq=False)
class Diagnosis:
    """The verdict on one model, and its evidence.

    Attributes:
        verdict: the cause that dominates, or "nothing dominates".
        sentence: why, with the number that decided it.
        beyond: what was seen in buckets that were not trained, which is not diagnosed; or "".
        causes: a row for each cause. `cost` (share of words lost, 0 to 1), `threshold`, `named`
            (whether the cost reaches it), `measured` (what was measured, shortly) and `sentence`.
        attention: see `attention_quality_table`; the best map of each bucket.
        bottleneck: see `bottleneck_table`.
        exposure: see `exposure_table`.
        length: see `length_effects_table`.
    """

    verdict: Verdict
    sentence: str
    beyond: str
    causes: pd.DataFrame
    attention: pd.DataFrame
    bottleneck: pd.DataFrame
    exposure: pd.DataFrame
    length: pd.DataFrame


def diagnose(
    model: Translator,
    samples: Sequence[Sample],
    *,
    trained: Collection[int],
    settings: DecodingSettings | None = None,
    seed: int = 0,
) -> Diagnosis:
    """Return which cause loses most of the words, or that none loses enough.

    Each cause counts only where it arises first. Words wrong with the gold prefix go to
    attention that is off the gold word; what is left of them to the bottleneck, if the decoder
    lives on its start state. Where few are wrong with the gold prefix, the words lost after a
    mistake, its own or the planted one, go to exposure, those missing at the end to length. To
    length go also the words that the configured decoding loses and greedy decoding does not.

    A bottleneck that is named may be too small or not yet filled: only more units, or more
    updates, tell which.

    Args:
        model: any translation model.
        samples: the test pairs by bucket.
        trained: the buckets whose length was trained on: only these are diagnosed.
        settings: how hypotheses are decoded, and which word is replaced by a wrong one.
        seed: of the planted words and of who gets whose state.
    """
    settings = settings or DecodingSettings()
    samples = filled(samples)
    attention = best_maps(attention_quality_table(model, samples, by_map=True))
    bottleneck = bottleneck_table(model, samples, seed=seed)
    exposure = exposure_table(model, samples, planted_word=settings.planted_error, seed=seed)
    length = length_effects_table(model, samples, settings=settings)
    findings: dict[Cause, Finding] = {}
    tables = [_trained(table, trained) for table in (attention, bottleneck, exposure, length)]
    if len(tables[-1]):
        findings = weigh(*tables, settings=settings)
    wrong = exposure.set_index("bucket")["teacher_forced_error"]
    is_inside = wrong.index.isin(list(trained))
    verdict, sentence = reach_verdict(findings, float(wrong[is_inside].mean()))
    beyond = _beyond(wrong[~is_inside])
    causes = cause_table(findings)
    return Diagnosis(verdict, sentence, beyond, causes, attention, bottleneck, exposure, length)


def best_maps(by_map: pd.DataFrame) -> pd.DataFrame:
    """Return of each bucket the map that matches the alignment best, or is the most diagonal.

    Maps share the work: it is enough that one of them looks at the right word.
    """
    rank = by_map["matches_alignment"].fillna(by_map["diagonality"].abs())
    order = rank.sort_values(ascending=False, kind="stable").index
    best = by_map.loc[order].drop_duplicates("bucket")
    return best.sort_index().reset_index(drop=True)


def weigh(
    attention: pd.DataFrame,
    bottleneck: pd.DataFrame,
    exposure: pd.DataFrame,
    length: pd.DataFrame,
    *,
    settings: DecodingSettings,
) -> dict[Cause, Finding]:
    """Return what speaks for each cause; the tables have the bucket as their index."""
    wrong = exposure["teacher_forced_error"]
    off = attention_cost(attention, wrong)
    return {
        "bottleneck": bottleneck_finding(bottleneck, wrong, off, is_only_way=attention.empty),
        "attention": attention_finding(attention, off),
        "exposure": exposure_finding(exposure, wrong, settings),
        "length": length_finding(length, wrong, settings),
    }


def cause_table(findings: dict[Cause, Finding]) -> pd.DataFrame:
    """Return the causes as a table; its columns are those of `Diagnosis.causes`."""
    rows = [
        {
            "cause": cause,
            "measured": finding.measured,
            "cost": finding.cost,
            "threshold": THRESHOLDS[cause],
            "named": finding.cost >= THRESHOLDS[cause],
            "sentence": finding.sentence,
        }
        for cause, finding in findings.items()
    ]
    return pd.DataFrame(rows, columns=list(CAUSE_COLUMNS))


def reach_verdict(findings: dict[Cause, Finding], wrong: float) -> tuple[Verdict, str]:
    """Return the cause that costs most among those that reach their threshold, and why.

    `wrong` is the share of words that are wrong with the gold prefix, whatever the cause.
    """
    if not findings:
        return "nothing dominates", (
            "Nothing is diagnosed: no tested length lies within the trained ones."
        )
    by_cost = sorted(findings, key=lambda cause: -findings[cause].cost)
    named = [cause for cause in by_cost if findings[cause].cost >= THRESHOLDS[cause]]
    if not named:
        return "nothing dominates", (
            f"Nothing dominates: what costs most is {by_cost[0]}, "
            f"{percent(findings[by_cost[0]].cost)} of the words, and it is named from "
            f"{percent(THRESHOLDS[by_cost[0]])}."
            + (f" {_unexplained(wrong)}" if wrong > RIGHT else "")
        )
    first, *others = named
    also = " and ".join(f"{each} ({percent(findings[each].cost)})" for each in others)
    return first, (
        f"{findings[first].sentence} This costs {percent(findings[first].cost)} of the words; "
        f"{first} is named from {percent(THRESHOLDS[first])}."
        + (f" Less is lost to {also}." if also else "")
    )


def _unexplained(wrong: float) -> str:
    return (
        f"Yet {percent(wrong)} of the words are wrong with the gold prefix, for none of these "
        "reasons: the model has not learned enough yet."
    )


def _trained(table: pd.DataFrame, trained: Collection[int]) -> pd.DataFrame:
    return table[table["bucket"].isin(list(trained))].set_index("bucket")


def _beyond(wrong: "pd.Series[float]") -> str:
    if wrong.empty:
        return ""
    return (
        f"Not diagnosed: lengths that were not trained ({', '.join(map(str, wrong.index))}). There "
        f"{percent(float(wrong.mean()))} of the words are wrong with the gold prefix, which is "
        "extrapolation and none of these causes."
    )
