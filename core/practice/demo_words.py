"""The punch line of each guided demo, in a sentence or two with this run's numbers. No torch here.

Where the run did not show what the demo promises, the sentence says so.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from core.labs.config import Config, GradientFlowConfig
from core.labs.length_config import LENGTHS, LengthConfig
from core.labs.serving_what_if import WhatIf
from core.labs.translation_config import TranslationConfig
from core.labs.words import power_of_ten
from core.models.catalogue import find_spec
from core.models.classifiers import find_classifier
from core.models.translators import find_translator
from core.practice.demo import Serve
from core.text.phrases import listed, percent, percent_between
from core.training.events import Columns

State = Literal["waiting", "shown", "missed"]
Row = dict[str, Any]

GAP = 10.0
"""BLEU points that the model without attention must be behind to be said to fall."""
HOLDS, FAILS = 0.8, 0.5
"""Of a counter: shares of right answers within the trained lengths, and far beyond them."""
VERDICTS = {"does not help here": "Does not help", "hurts": "Hurts", "helps": "Helps"}
LEAST_COST = 0.05
LAST_UPDATES = 20
SHORTENED = 0.999999


class Punch(NamedTuple):
    """A punch line: `state` says whether the run shows it, does not, or has not come so far."""

    state: State
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a run has told so far, as far as punch lines need it.

    Attributes:
        config: of the run.
        series: columns of equal length, by model.
        tables: newest columns, by name and model.
        marks: what happened, in the order in which it came: model, step, what.
        turned: live settings that were turned: step, name, value.
        is_ended: whether nothing more comes.
        served: what each way of serving gives, in the order of the demo.
    """

    config: Config
    series: Mapping[str, Columns] = field(default_factory=dict)
    tables: Mapping[tuple[str, str], Columns] = field(default_factory=dict)
    marks: Sequence[Mapping[str, Any]] = ()
    turned: Sequence[Mapping[str, Any]] = ()
    is_ended: bool = False
    served: Sequence[tuple[Serve, WhatIf]] = ()

    def mark(self, model: str, what: str) -> int | None:
        """Return the update at which `what` first happened to `model`."""
        steps = (m["step"] for m in self.marks if m["model"] == model and m["what"] == what)
        return next(steps, None)

    def rows(self, name: str, model: str = "") -> list[Row]:
        """Return the rows of a table; none before it was told."""
        columns = self.tables.get((name, model), {})
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def punch_line(lab: str, seen: Seen) -> Punch:
    """Return the punch line of the demo of `lab`."""
    return PUNCH_LINES[lab](seen)


def _waiting(sentence: str, seen: Seen) -> Punch:
    if seen.is_ended:
        return Punch("missed", "This run ended before it came so far: start the demo over.")
    return Punch("waiting", sentence)


def _gradient_flow(seen: Seen) -> Punch:
    config = seen.config
    assert isinstance(config, GradientFlowConfig)
    plain, gated = config.models
    flows = {model: seen.rows("gradient_flow", model) for model in config.models}
    solved = {model: seen.mark(model, "solved") for model in config.models}
    done = max((len(columns.get("step", [])) for columns in seen.series.values()), default=0)
    if not all(flows.values()) or (solved[gated] is None and not seen.is_ended):
        return _waiting(f"Neither has bridged {config.lag} steps yet.", seen)
    kept = {model: power_of_ten(rows[-1]["exact_h_log10"]) for model, rows in flows.items()}
    names = {model: find_spec(model).label for model in config.models}
    steps = flows[plain][-1]["distance"]
    said = (
        f"{steps:.0f} steps back {names[plain]} keeps {kept[plain]} of its gradient and "
        f"{names[gated]} {kept[gated]}: "
    )
    if solved[gated] is None:
        return Punch("missed", f"{said}but this time {names[gated]} did not solve the task either.")
    if solved[plain] is not None:
        return Punch(
            "missed",
            f"{said}but this time both solved the task, {names[gated]} at update {solved[gated]:,} "
            f"and {names[plain]} at update {solved[plain]:,}.",
        )
    over = "diverged" if seen.mark(plain, "diverged") else f"has not after {done:,}"
    return Punch(
        "shown",
        f"{said}the same task, the same batches, and {names[gated]} has solved it after "
        f"{solved[gated]:,} updates while {names[plain]} {over}.{_worth(seen, config)}",
    )


def _worth(seen: Seen, config: GradientFlowConfig) -> str:
    """Return what each model remembers of the number that it was shown, where that was asked."""
    found = []
    for model in config.models:
        rows = [row for row in seen.rows("scores", model) if row["lag"] == config.lag]
        if not rows or not math.isfinite(rows[0]["score"]):
            return ""
        found.append(f"{rows[0]['score']:.2f}")
    return f" R² at lag {config.lag}: {' against '.join(found)}."


def _clipping(seen: Seen) -> Punch:
    twins = {name: seen.series.get(name, {}) for name in ("unclipped", "clipped")}
    planted = seen.mark("", "injected")
    if not twins["clipped"].get("step"):
        return _waiting("The twins have not made an update yet.", seen)
    died, ended = seen.mark("unclipped", "diverged"), seen.mark("clipped", "diverged")
    loss = _learned(twins["clipped"], before=planted)
    if died is None or (planted is not None and died >= planted):
        if not seen.is_ended and planted is None:
            return _waiting("Both twins are still training.", seen)
        return Punch("missed", f"This time the twin without clipping survived as well.{loss}")
    if ended is not None and (planted is None or ended < planted):
        return Punch("missed", f"This time both twins diverged, the clipped one at update {ended}.")
    said = f"Without clipping it was over at update {died}.{loss}{_shortened(seen, twins)}"
    if ended is None:
        return Punch("shown" if seen.is_ended else "waiting", said)
    return Punch(
        "shown",
        f"{said} And one infinite gradient ended the clipped twin too, at update {ended:,}: "
        "infinity times a coefficient of 0 is no number. Clipping bounds a step; it cures no NaN.",
    )


def _learned(clipped: Columns, *, before: int | None) -> str:
    rows = list(zip(clipped["step"], clipped["loss"], strict=True))
    losses = [v for s, v in rows if (before is None or s < before) and math.isfinite(v)]
    if len(losses) < 2:
        return ""
    last = losses[-LAST_UPDATES:]
    return (
        f" The twin with clipping went from {losses[0]:.2f} to {sum(last) / len(last):.2f} nats "
        f"per character in {len(losses):,} updates."
    )


def _shortened(seen: Seen, twins: Mapping[str, Columns]) -> str:
    """Return how often it clipped before and after the threshold was turned first."""
    turns = [turn for turn in seen.turned if turn["name"] == "threshold"]
    clipped = twins["clipped"]
    if not turns or "coefficient" not in clipped:
        return ""
    first = turns[0]
    until = turns[1]["step"] if len(turns) > 1 else math.inf
    rows = list(zip(clipped["step"], clipped["coefficient"], strict=True))
    before = [value for step, value in rows if step <= first["step"]]
    after = [value for step, value in rows if first["step"] < step <= until]
    if not before or not after:
        return ""
    shares = [sum(v < SHORTENED for v in part) / len(part) for part in (before, after)]
    return (
        f" With the threshold at {first['value']:g} it shortened {percent(shares[1], 0)} of its "
        f"updates, before that {percent(shares[0], 0)}."
    )


def _translation(seen: Seen) -> Punch:
    config = seen.config
    assert isinstance(config, TranslationConfig)
    plain, looking = config.models
    scores = {model: _bleu(seen.rows("bleu", model), config) for model in config.models}
    if not seen.is_ended or any(len(rows) < 2 for rows in scores.values()):
        return _waiting("They are still training: the last test is the one that counts.", seen)
    names = {model: find_translator(model).label for model in config.models}
    said = "; ".join(
        f"{names[m]}: BLEU {rows[0]['bleu']:.0f} at {rows[0]['bucket']} words, "
        f"{rows[-1]['bleu']:.0f} at {rows[-1]['bucket']}"
        for m, rows in scores.items()
    )
    gap = scores[looking][-1]["bleu"] - scores[plain][-1]["bleu"]
    fall = scores[plain][0]["bleu"] - scores[plain][-1]["bleu"]
    if gap < GAP or fall < GAP:
        return Punch("missed", f"{said}. This time the difference is too small to make the point.")
    more = find_translator(plain).updates / find_translator(looking).updates
    times = f", and {names[plain]} had {more:g} times as many updates" if more > 1 else ""
    return Punch(
        "shown",
        f"{said}. The same pairs{times}: what falls with length is the one vector, not the task.",
    )


def _bleu(rows: Sequence[Row], config: TranslationConfig) -> list[Row]:
    return [row for row in rows if row["bleu"] is not None and row["bucket"] in config.trained]


def _sentiment(seen: Seen) -> Punch:
    tested = [row for row in seen.rows("shootout") if row["accuracy"] is not None]
    right = [row for row in tested if not find_classifier(row["model"]).naive]
    by_name = {row["model"]: row for row in tested}
    if not seen.is_ended or len(right) < 2 or not {"lstm", "lstm-naive"} <= set(by_name):
        return _waiting("They are still training.", seen)
    right.sort(key=lambda row: -row["accuracy"])
    best = right[0]
    tied = [row["label"] for row in right[1:] if row["tie"]]
    said = listed([f"{row['label']} {_accuracy(row)}" for row in right])
    chance = (
        f"{listed(tied)} cannot be told from {best['label']} on these {best['n']:,} texts."
        if tied
        else f"{best['label']} is ahead by more than chance on these {best['n']:,} texts."
    )
    lstm, written = by_name["lstm"], by_name["lstm-naive"]
    cost = lstm["accuracy"] - written["accuracy"]
    bug = f"The same LSTM, trained and read after its padding: {_accuracy(written)}."
    spread = best["accuracy"] - right[-1]["accuracy"]
    if cost <= spread or cost < LEAST_COST:
        return Punch("missed", f"{said}. {chance} {bug} This time the bug costs little.")
    return Punch(
        "shown",
        f"{said}. {chance} {bug} The choice of architecture is worth {100 * spread:.0f} points "
        f"here, that one line {100 * cost:.0f}.",
    )


def _accuracy(row: Row) -> str:
    low, high = row["accuracy_low"], row["accuracy_high"]
    if low is None or high is None:
        return percent(row["accuracy"], 0)
    return percent_between(row["accuracy"], low, high)


def _length(seen: Seen) -> Punch:
    config = seen.config
    assert isinstance(config, LengthConfig)
    model = config.remedied
    curve = {row["length"]: row["score"] for row in seen.rows("curve", model)}
    if not seen.is_ended or len(curve) < len(LENGTHS):
        return _waiting("It is still training, or its remedies are still being tried.", seen)
    within, far = config.longest, LENGTHS[-1]
    trained = curve.get(within, max(curve.values()))
    label = find_spec(model).label
    said = (
        f"Trained on {config.shortest} to {config.longest} steps, {label} counts right "
        f"{percent(trained, 0)} of the time at {within} and {percent(curve[far], 0)} at {far}."
    )
    tried = [row for row in seen.rows("remedies") if row["length"] == far and row["verdict"]]
    told = " ".join(filter(None, (_tried(tried, verdict) for verdict in VERDICTS)))
    if trained < HOLDS or curve[far] > FAILS:
        return Punch("missed", f"{said} This time it does not fail as it usually does. {told}")
    return Punch("shown", f"{said} {told}")


def _tried(rows: Sequence[Row], verdict: str) -> str:
    """Return the scores of the remedies of one verdict, each with its best budget."""
    scores: dict[str, float] = {}
    for row in rows:
        if row["verdict"] == verdict and row["score"] is not None:
            scores[row["label"]] = max(row["score"], scores.get(row["label"], 0.0))
    named = [f"{label.lower()} ({percent(score, 0)})" for label, score in scores.items()]
    return f"{VERDICTS[verdict]}: {'; '.join(named)}." if named else ""


def _serving(seen: Seen) -> Punch:
    if len(seen.served) < 2:
        return _waiting("The queue answers when the passes are timed.", seen)
    told = [f"{way.label}: {_answered(found)}" for way, found in seen.served]
    said = "; ".join(told).replace("; At ", ". At ") + "."
    (_, alone), *batched = seen.served
    waiting = [f for w, f in batched if _of(w, "max_wait_ms") > 0]
    greedy = [f for w, f in batched if not _of(w, "max_wait_ms")]
    if not waiting or not greedy:
        return Punch("missed", said)
    is_better = all(
        g.stable and (g.p99 < w.p99 or not w.stable) for g, w in zip(greedy, waiting, strict=False)
    )
    if not is_better:
        return Punch("missed", f"{said} On this machine, at these times, waiting was no worse.")
    first = (
        "Batching rescues throughput" if not alone.stable else "One at a time would have done here"
    )
    return Punch("shown", f"{said} {first}; waiting to fill a batch only adds waiting.")


def _of(way: Serve, name: str) -> float:
    return dict(way.settings).get(name, 0.0)


def _answered(found: WhatIf) -> str:
    if not found.stable:
        return (
            f"the queue grows for ever, {percent(found.load, 0)} of what it can do is asked of it"
        )
    return f"99 % within {found.p99:.3g} ms"


PUNCH_LINES: dict[str, Callable[[Seen], Punch]] = {
    "gradient-flow": _gradient_flow,
    "clipping": _clipping,
    "translation": _translation,
    "sentiment": _sentiment,
    "length": _length,
    "serving": _serving,
}
