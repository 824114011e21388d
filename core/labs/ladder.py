"""The ladder of remedies: every model at equal updates, and again at equal compute."""

from collections.abc import Iterator, Sequence

from core.labs.translation_race import build_pupils, equal_seconds, train_translators
from core.labs.translation_scores import (
    Examiner,
    Translations,
    effect,
    paired_columns,
    score,
)
from core.metrics.bleu import BucketScore
from core.models.translators import find_translator
from core.training.dials import Dials
from core.training.events import Columns, Event, TableEvent
from core.training.pair_loop import Pupil

TOO_FEW = "too few to tell"
_NAMES = (
    "model",
    "label",
    "budget",
    "bucket",
    "bleu",
    "low",
    "high",
    "n",
    "seconds",
    "updates",
    "parameters",
    "difference",
    "verdict",
)


class Ladder:
    """Builds the table "ladder": one row a model, budget and bucket.

    The first model of the config is the baseline of both budgets. `difference` is in BLEU points
    against it on the same sentences; see `effect` for the verdict. One sentence alone has neither.
    """

    def __init__(self, examiner: Examiner, at_equal_updates: dict[str, Translations]) -> None:
        self.examiner = examiner
        self.at_equal_updates = at_equal_updates
        self.columns: Columns = {name: [] for name in _NAMES}

    def climb(self, pupils: Sequence[Pupil], *, dials: Dials, first_round: int) -> Iterator[Event]:
        """Add the pupils, trained for equal updates; then train anew for equal seconds and add.

        Yields the loop's progress and the table after either half.
        """
        examiner = self.examiner
        config = examiner.config
        self._add("updates", pupils, self.at_equal_updates)
        yield self._table(first_round)
        updates = equal_seconds(pupils, config.updates)
        again = build_pupils(config, examiner.material, updates, examiner.device)
        for event in train_translators(
            config,
            examiner.material,
            again,
            dials=dials,
            device=examiner.device,
            first_round=first_round,
        ):
            if event.kind not in ("series", "mark"):  # the charts keep the runs of equal updates
                yield event
        by_name = {pupil.spec.name: pupil for pupil in again}
        found = {}
        for name in config.models:
            spec = find_translator(name)
            model = by_name[spec.pieces_of or name].model
            found[name] = examiner.translate(spec, model, count=config.final_pairs, searched=True)
        self._add("compute", again, found)
        yield self._table(first_round + max(updates.values()))

    def sentences(self) -> list[str]:
        """Return what helped, what did nothing and what hurt at the longest trained bucket."""
        said = []
        tested = self.columns["bucket"]
        bucket = max({*tested} & {*self.examiner.config.trained} or tested, default=0)
        for budget, words in (("updates", "equal updates"), ("compute", "equal compute")):
            verdicts: dict[str, list[str]] = {}
            rows = zip(*(self.columns[name] for name in _NAMES), strict=True)
            for row in (dict(zip(_NAMES, row, strict=True)) for row in rows):
                if row["budget"] == budget and row["bucket"] == bucket:
                    verdicts.setdefault(row["verdict"], []).append(
                        f"{row['label']} ({row['bleu']:.0f})"
                    )
            parts = [
                f"{verdict}: {', '.join(verdicts[verdict])}"
                for verdict in ("baseline", "helps", "no effect here", "hurts", TOO_FEW)
                if verdict in verdicts
            ]
            said.append(f"BLEU at {bucket} words, {words}: {'; '.join(parts)}.")
        return said

    def _add(self, budget: str, pupils: Sequence[Pupil], found: dict[str, Translations]) -> None:
        config, material = self.examiner.config, self.examiner.material
        baseline = config.models[0]
        paired = paired_columns(found, baseline, material, config.final_pairs)
        differences = {
            (model, bucket): numbers
            for model, bucket, *numbers in zip(
                *(paired[key] for key in ("model", "bucket", "difference", "low", "high")),
                strict=True,
            )
        }
        by_name = {pupil.spec.name: pupil for pupil in pupils}
        for name in config.models:
            spec = find_translator(name)
            pupil = by_name[spec.pieces_of or name]
            for row in self._rows(found[name]):
                numbers = differences.get((name, row.bucket))
                verdict = effect(*numbers) if numbers else TOO_FEW
                values = {
                    "model": name,
                    "label": spec.label,
                    "budget": budget,
                    "bucket": row.bucket,
                    "bleu": row.bleu,
                    "low": row.low,
                    "high": row.high,
                    "n": row.n,
                    "seconds": round(pupil.seconds, 2),
                    "updates": pupil.done,
                    "parameters": sum(p.numel() for p in pupil.model.parameters()),
                    "difference": 0.0 if name == baseline else numbers[0] if numbers else None,
                    "verdict": "baseline" if name == baseline else verdict,
                }
                if row.n:
                    for key in _NAMES:
                        self.columns[key].append(values[key])

    def _rows(self, translations: Translations) -> Sequence[BucketScore]:
        config, material = self.examiner.config, self.examiner.material
        return score(translations, material, config.final_pairs, with_chrf=False).buckets

    def _table(self, step: int) -> TableEvent:
        copied = {name: list(values) for name, values in self.columns.items()}
        return TableEvent(name="ladder", model="", step=step, columns=copied)
