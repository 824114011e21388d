"""What the serving lab measured, in sentences: what to do first on this machine. No torch here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.labs.serving_config import ServingConfig
from core.serving.policies import Advice
from core.text.phrases import listed, percent, short_number, signed
from core.training.events import Columns

Row = Mapping[str, Any]
LARGE = 32
BATCHES_SAID = {1: "one at a time", 8: "8 at once", 32: "32 at once"}
FEW_FLIPS = 0.02
BUSY = 1.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What is known so far; what is not is empty or None.

    Attributes:
        label: of the model.
        where: whose time is told, as "ms of one core".
        pass_ms: median and p99 of a pass, by batch size.
        advice: what batching saves.
        served: rows of the table "served", the chosen policy first.
        replicas: rows of the table "replicas".
        replay: the table "replay".
        variants: rows of the table "variants".
        waited: how many times as long as its core worked a pass took on the wall.
        notes: of the model, in sentences.
    """

    label: str
    where: str
    pass_ms: Mapping[int, tuple[float, float]]
    advice: Advice | None = None
    served: Sequence[Row] = ()
    replicas: Sequence[Row] = ()
    replay: Columns | None = None
    variants: Sequence[Row] = ()
    waited: float = 1.0
    notes: tuple[str, ...] = ()


def describe_serving(config: ServingConfig, found: Findings) -> list[str]:
    """Return what a pass costs, what to do first for the rate and the deadline, and what then."""
    sentences = [*_passes(found)]
    if found.advice is not None:
        sentences += [_first(found.advice, config), *_written(found)]
    sentences += [*_waiting(found), *_shrunk(found), *_slower(found), *_taught(found)]
    return [*sentences, *_replayed(found), *_busy(found), *found.notes]


def _passes(found: Findings) -> list[str]:
    if not found.pass_ms:
        return []
    one, slowest = found.pass_ms[1]
    said = (
        f"{found.label} answers one request in {short_number(one)} {found.where} "
        f"(99 %: {short_number(slowest)})"
    )
    if LARGE not in found.pass_ms:
        return [f"{said}."]
    many = found.pass_ms[LARGE][0]
    gain = LARGE * one / many
    return [
        f"{said}, {LARGE} together in {short_number(many)}: {short_number(gain)} times as many "
        "a second."
    ]


def _first(advice: Advice, config: ServingConfig) -> str:
    """Return what to do first: nothing, batch, more replicas, or another model."""
    asked = f"{_rate(config.rate)} requests a second, 99 % of them within {config.deadline_ms:g} ms"
    single, several = advice.replicas_singly, advice.replicas_batched
    if several.least_in_time is None:
        return (
            f"No number of replicas answers {asked}: a pass alone takes too long. Shrink the model "
            "first."
        )
    most = max(advice.batched, config.rate) if several.least_in_time == 1 else advice.batched
    batched = (
        f"taking what is queued, up to {advice.max_batch} at once, one sustains "
        f"{most:,.0f} a second"
    )
    if advice.max_batch == 1:
        return f"For {asked}: {_replicas(several.least_in_time)}; batches gain nothing here."
    if single.least_in_time == 1:
        alone = max(advice.singly, config.rate)
        return (
            f"For {asked}, do nothing first: one replica sustains {alone:,.0f} a second "
            f"without batches. When more come, batch: {batched}."
        )
    instead = (
        "which no number of replicas does"
        if single.least_in_time is None
        else f"for which {_replicas(single.least_in_time)} would be needed"
    )
    return (
        f"For {asked}, batch first: {batched}, so {_replicas(several.least_in_time)} will do, "
        f"instead of one request at a time, {instead}."
    )


def _replicas(count: int) -> str:
    return "one replica" if count == 1 else f"{count:,} replicas"


def _rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:g}"


def _written(found: Findings) -> list[str]:
    """Return what the challenge as it is asked would need: the last of the rows."""
    if not found.replicas:
        return []
    row = found.replicas[-1]
    stable, in_time = row["least_stable"], row["least_in_time"]
    said = (
        f"Were it {row['service_ms']:g} ms a request, unbatched, {_replicas(stable)} would be the "
        f"least for {_rate(row['rate'])} a second: with fewer the queue grows for ever"
    )
    if in_time is None:
        return [f"{said}; no number would answer 99 % within {row['deadline_ms']:g} ms."]
    return [f"{said}; {_replicas(in_time)} answer 99 % within {row['deadline_ms']:g} ms."]


def _waiting(found: Findings) -> list[str]:
    """Return what it brings to wait for fuller batches, where that was tried."""
    if not found.served:
        return []
    chosen = found.served[0]
    same = [row for row in found.served if row["max_batch"] == chosen["max_batch"]]
    at_once = next((row for row in same if row["max_wait_ms"] == 0), None)
    waited = next((row for row in same if row["max_wait_ms"] > 0), None)
    if at_once is None or waited is None:
        return []
    if not at_once["stable"]:
        return [
            f"{_replicas(chosen['replicas']).capitalize()} cannot serve {_rate(chosen['rate'])} a "
            f"second, up to {chosen['max_batch']} at once: the queue grows for ever, and its times "
            "say nothing."
        ]
    before, after = short_number(at_once["p99"]), short_number(waited["p99"])
    verb = "shortens" if waited["p99"] < at_once["p99"] else "lengthens"
    does = (
        f"leaves the 99th percentile at {after} ms"
        if before == after
        else f"{verb} the 99th percentile from {before} to {after} ms"
    )
    return [
        f"Waiting up to {waited['max_wait_ms']:g} ms for fuller batches {does}; replicas are then "
        f"busy {percent(waited['utilisation'], 0)} instead of "
        f"{percent(at_once['utilisation'], 0)} of the time."
    ]


def _shrunk(found: Findings) -> list[str]:
    """Return which variant of the same weights is the fastest one that answers the same."""
    same = [
        row
        for row in found.variants
        if row["kind"] in ("runtime", "precision")
        and row["words_1"] == "faster"
        and (row["flips"] or 0.0) <= FEW_FLIPS
    ]
    if not same:
        return []
    best = max(same, key=lambda row: row["speedup_1"])
    speeds = [
        f"{short_number(best[f'speedup_{batch}'])} times {said}"
        for batch, said in BATCHES_SAID.items()
        if best[f"speedup_{batch}"] is not None
    ]
    flips = (
        "" if best["flips"] is None else f", and changes {percent(best['flips'])} of the answers"
    )
    return [
        f"The same weights are fastest as {best['label']}: {listed(speeds)}. The file is "
        f"{short_number(best['smaller'])} times smaller{flips}. One replica then sustains "
        f"{best['sustained']:,.0f} a second."
    ]


def _slower(found: Findings) -> list[str]:
    said = []
    for row in found.variants:
        slower = [words for b, words in BATCHES_SAID.items() if row[f"words_{b}"] == "slower"]
        if slower:
            said.append(f"{row['label']} ({listed(slower)})")
    return [f"Slower than what is served: {listed(said)}."] if said else []


def _taught(found: Findings) -> list[str]:
    """Return what a teacher is worth, as the row of the distilled student says."""
    return [row["note"] for row in found.variants if row["name"] == "distilled" and row["note"]]


def _replayed(found: Findings) -> list[str]:
    if not found.replay:
        return []
    at = {name: i for i, name in enumerate(found.replay["quantity"])}
    parts = [
        f"{name} {short_number(found.replay['replayed'][at[name]])} ms, simulated "
        f"{signed(100 * found.replay['error'][at[name]])} %"
        for name in ("p50", "p99")
    ]
    return [f"Real passes on the same arrivals: {'; '.join(parts)}."]


def _busy(found: Findings) -> list[str]:
    if found.waited < BUSY:
        return []
    return [
        "Other work was on this machine: a pass took "
        f"{short_number(found.waited)} times as long on the wall as its core worked on it."
    ]
