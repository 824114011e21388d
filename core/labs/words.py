"""What a run shows, put into sentences with this run's numbers."""

import math

import pandas as pd

from core.labs.config import GradientFlowConfig
from core.labs.tally import SeriesTally
from core.models.catalogue import find_spec

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power_of_ten(log10: float) -> str:
    """Return 10 to the `log10` as people write it: "0.3", "10⁻²¹", "nothing" for an exact zero.

    What a diverged model leaves is said in words: "infinitely much", "no number (NaN)".
    """
    if not math.isfinite(log10):
        return {-math.inf: "nothing", math.inf: "infinitely much"}.get(log10, "no number (NaN)")
    if -2 < log10 < 3:
        return f"{float(f'{10**log10:.2g}'):g}"
    return "10" + f"{log10:.0f}".translate(SUPERSCRIPTS)


def describe_flow(
    config: GradientFlowConfig, flows: dict[str, pd.DataFrame], tally: SeriesTally
) -> list[str]:
    """Return what the race shows now: what reaches back, how far the textbook is off, who won."""
    sentences = [_reach_sentence(flows)]
    for model, flow in flows.items():
        if find_spec(model).cell == "lstm":
            sentences.append(_textbook_sentence(model, flow))
    if config.task != "language-model":
        sentences.append(_race_sentence(config, list(flows), tally))
    return sentences


def _reach_sentence(flows: dict[str, pd.DataFrame]) -> str:
    distance = int(next(iter(flows.values()))["distance"].iloc[-1])
    parts = [
        f"{find_spec(model).label} keeps {power_of_ten(flow['exact_h_log10'].iloc[-1])}"
        for model, flow in flows.items()
    ]
    return (
        f"Of the gradient of the hidden state at the last step, {distance} steps back "
        + ", ".join(parts)
        + "."
    )


def _textbook_sentence(model: str, flow: pd.DataFrame) -> str:
    label = find_spec(model).label
    textbook, exact = flow["textbook_log10"].iloc[-1], flow["exact_c_log10"].iloc[-1]
    gap = exact - textbook
    if not math.isfinite(gap):
        return f"In {label} the gradient or the product of its forget gates is not finite."
    if abs(gap) < math.log10(2):
        return (
            f"In {label} the product of forget gates, {power_of_ten(textbook)}, is within a factor "
            f"of 2 of the exact cell gradient, {power_of_ten(exact)}."
        )
    side = "understates" if gap > 0 else "overstates"
    times = f"{10 ** abs(gap):.2g} times" if abs(gap) < 3 else f"{abs(gap):.0f} orders of magnitude"
    return (
        f"In {label} the product of forget gates says {power_of_ten(textbook)}; exactly the "
        f"gradient of the cell is {power_of_ten(exact)}: the textbook {side} it by {times}."
    )


def _race_sentence(config: GradientFlowConfig, models: list[str], tally: SeriesTally) -> str:
    parts = []
    for model in models:
        solved = tally.first_mark(model, "solved")
        label = find_spec(model).label
        done = len(tally.column(model, "loss"))
        if solved:
            parts.append(f"{label} solved the lag of {config.lag} at update {solved}")
        elif tally.first_mark(model, "diverged"):
            parts.append(f"{label} diverged")
        else:
            parts.append(f"{label} has not solved it after {done}")
    return "; ".join(parts) + "."
