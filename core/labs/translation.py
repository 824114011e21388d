"""The translation lab: models learn the same pairs side by side, and are tested by length.

"Why does BLEU fall with length, and what repairs it?"
"""

import time
from collections.abc import Generator, Iterator, Sequence
from typing import Any

from core.device import choose_device
from core.labs.ladder import Ladder
from core.labs.pair_material import build_pair_material
from core.labs.signature import signature
from core.labs.tally import SeriesTally
from core.labs.translation_config import TranslationConfig
from core.labs.translation_diagnosis import ModelDiagnosis, diagnosis_events, diverged
from core.labs.translation_race import (
    build_lab_translator,
    build_pupils,
    equal_seconds,
    own_updates,
    train_translators,
)
from core.labs.translation_scores import (
    Examiner,
    Translations,
    attention_event,
    bleu_columns,
    floor_columns,
    paired_columns,
    sample_columns,
    score,
)
from core.labs.translation_words import describe_translation
from core.metrics.bleu import Scores
from core.models.translators import find_translator
from core.training.dials import Dials
from core.training.events import (
    CheckpointEvent,
    Columns,
    Event,
    ProgressEvent,
    ResultEvent,
    TableEvent,
    WordsEvent,
)
from core.training.pair_loop import Pupil

FIRST_LOOK = 0.05
COLD_UPDATES = 2
PACE_UPDATES = 12
NOT_DIAGNOSED = ModelDiagnosis("not diagnosed", "", [])


def run(
    config: TranslationConfig, *, dials: Dials | None = None, text: str | None = None
) -> Iterator[Event]:
    """Run the lab; yield its events, the last a ResultEvent.

    Tables per model: "bleu" (one row a bucket; see `bleu_columns`) and "progress" (update,
    bucket, bleu), several times; at the end "samples", the tables of the diagnosis (see
    `diagnosis_events`) and the array "attention" (maps, T, S) of one test sentence. Of no model:
    "floor", "paired", "verdict", and "ladder" where the schedule asks for it.

    Raises:
        ConfigError, TextError, DataMissingError: the pairs cannot be used or are not there.
    """
    device = choose_device(config.device)
    dials = dials or Dials(**config.dials())
    started = time.perf_counter()
    material = build_pair_material(config, text)
    floor = floor_columns(material, config.final_pairs)
    yield TableEvent(name="floor", model="", step=0, columns=floor)
    examiner = Examiner(config, material, device)
    watch = Watch(examiner)
    updates = own_updates(config)
    if config.schedule == "equal-compute":
        updates = yield from _updates_of_equal_seconds(config, examiner)
    pupils = build_pupils(config, material, updates, device)
    rounds = max(updates.values())
    looks = _look_rounds(config, rounds)
    total = 2 * rounds if config.schedule == "ladder" else rounds
    for event in train_translators(
        config, material, pupils, dials=dials, device=device, all_rounds=total
    ):
        watch.tally.take(event)
        yield event
        if isinstance(event, ProgressEvent) and event.step in looks:
            yield from watch.look(pupils, config.test_pairs)
    yield from watch.look(pupils, config.final_pairs, final=True)
    yield from watch.samples(pupils)
    diagnosed: dict[str, ModelDiagnosis] = {}
    for pupil in pupils:
        name = pupil.spec.name
        ended = watch.tally.first_mark(name, "diverged")
        if ended is not None:
            diagnosed[name] = diverged(ended)
            continue
        untrained = build_lab_translator(name, config, material).to(device)
        diagnosed[name] = yield from diagnosis_events(examiner, pupil, untrained)
    yield TableEvent(name="verdict", model="", step=rounds, columns=_verdicts(diagnosed))
    yield from watch.words(diagnosed)
    for pupil in pupils:
        state = {name: tensor.cpu() for name, tensor in pupil.model.state_dict().items()}
        yield CheckpointEvent(model=pupil.spec.name, step=pupil.done, state=state)
    if config.schedule == "ladder":
        ladder = Ladder(examiner, watch.translations)
        yield from ladder.climb(pupils, dials=dials, first_round=rounds)
        watch.ladder_sentences = ladder.sentences()
        yield from watch.words(diagnosed)
    yield ResultEvent(
        signature=signature(
            "translation",
            config,
            device=device,
            source=material.corpus.citation,
            turned=dials.history,
        ),
        device=device.type,
        seconds=time.perf_counter() - started,
        results=[watch.result(name, pupils, diagnosed) for name in config.models],
    )


def _look_rounds(config: TranslationConfig, rounds: int) -> set[int]:
    """Return the rounds after which the models are tested under way, the first one early."""
    evenly = {round(rounds * at / (config.looks + 1)) for at in range(1, config.looks + 1)}
    return {max(1, round(FIRST_LOOK * rounds)), *evenly} - {rounds}


def _updates_of_equal_seconds(
    config: TranslationConfig, examiner: Examiner
) -> Generator[Event, None, dict[str, int]]:
    """Return how many updates take each model equally long, after a few that are timed.

    The first ones, in which kernels start and memory is taken, are thrown away. Meanwhile it
    yields that no update is done yet, so that a run can be stopped.
    """
    for updates in (COLD_UPDATES, PACE_UPDATES):
        counts = dict.fromkeys(own_updates(config), updates)
        trial = build_pupils(config, examiner.material, counts, examiner.device)
        dials = Dials(**config.dials())
        for _ in train_translators(
            config, examiner.material, trial, dials=dials, device=examiner.device
        ):
            yield ProgressEvent(step=0, total=config.updates)
    return equal_seconds(trial, config.updates)


class Watch:
    """Tests the pupils under way and at the end; `translations` and `scores` are the newest."""

    def __init__(self, examiner: Examiner) -> None:
        self.examiner = examiner
        self.tally = SeriesTally()
        self.translations: dict[str, Translations] = {}
        self.scores: dict[str, Scores] = {}
        self.ladder_sentences: list[str] = []
        self._progress: dict[str, Columns] = {}
        self._step = 0

    def look(self, pupils: Sequence[Pupil], count: int, *, final: bool = False) -> Iterator[Event]:
        """Yield how good each pupil is on `count` pairs a bucket, and what is seen in that."""
        config, material = self.examiner.config, self.examiner.material
        by_name = {pupil.spec.name: pupil for pupil in pupils}
        for name in config.models:
            spec = find_translator(name)
            pupil = by_name[spec.pieces_of or name]
            found = self.examiner.translate(spec, pupil.model, count=count, searched=final)
            scores = score(found, material, count, with_chrf=final)
            self.translations[name], self.scores[name] = found, scores
            self._step = max(self._step, pupil.done)
            columns = bleu_columns(scores, found, config.trained)
            yield TableEvent(name="bleu", model=name, step=pupil.done, columns=columns)
            if not (final and config.is_searched):  # another decoder is no progress
                yield self._learned(name, pupil.done, columns)
        if len(self.translations) > 1:
            columns = paired_columns(self.translations, config.models[0], material, count)
            yield TableEvent(name="paired", model="", step=self._step, columns=columns)
        yield from self.words({})

    def samples(self, pupils: Sequence[Pupil]) -> Iterator[Event]:
        """Yield some of the last translations, and where the models looked in one of them."""
        config, material = self.examiner.config, self.examiner.material
        for name, found in self.translations.items():
            columns = sample_columns(found, material, config.final_pairs)
            yield TableEvent(name="samples", model=name, step=self._step, columns=columns)
        for pupil in pupils:
            if pupil.spec.has_attention:
                yield from attention_event(self.examiner, pupil.spec.name, pupil.model, pupil.done)

    def words(self, diagnosed: dict[str, ModelDiagnosis]) -> Iterator[Event]:
        """Yield what is seen here and now."""
        sentences = describe_translation(
            self.examiner.config, self.scores, self.examiner.material, diagnosed
        )
        yield WordsEvent(step=self._step, sentences=[*sentences, *self.ladder_sentences])

    def result(
        self, name: str, pupils: Sequence[Pupil], diagnosed: dict[str, ModelDiagnosis]
    ) -> dict[str, Any]:
        """Return the result row of one model; one that decodes in pieces is not diagnosed."""
        trained = find_translator(name).pieces_of or name
        pupil = next(pupil for pupil in pupils if pupil.spec.name == trained)
        rows = {str(row.bucket): row for row in self.scores[name].buckets}
        found = diagnosed.get(name, NOT_DIAGNOSED)
        return {
            "model": name,
            "bleu": {bucket: row.bleu for bucket, row in rows.items()},
            "bleu_low": {bucket: row.low for bucket, row in rows.items()},
            "bleu_high": {bucket: row.high for bucket, row in rows.items()},
            "n": {bucket: row.n for bucket, row in rows.items()},
            "brevity_penalty": {bucket: row.brevity_penalty for bucket, row in rows.items()},
            "seconds": round(pupil.seconds, 2),
            "updates": pupil.done,
            "parameters": sum(p.numel() for p in pupil.model.parameters()),
            "loss": self.tally.mean_of_last(trained, "loss", 30),
            "diverged_at": self.tally.first_mark(trained, "diverged"),
            "diagnosis": {"verdict": found.verdict, "evidence": found.evidence},
            "bleu_signature": self.scores[name].signature,
        }

    def _learned(self, name: str, update: int, columns: Columns) -> Event:
        """Return the table "progress": BLEU at every look so far."""
        progress = self._progress.setdefault(name, {"update": [], "bucket": [], "bleu": []})
        for bucket, bleu in zip(columns["bucket"], columns["bleu"], strict=True):
            if bleu is not None:
                progress["update"].append(update)
                progress["bucket"].append(bucket)
                progress["bleu"].append(bleu)
        copied = {key: list(values) for key, values in progress.items()}
        return TableEvent(name="progress", model=name, step=update, columns=copied)


def _verdicts(diagnosed: dict[str, ModelDiagnosis]) -> Columns:
    return {
        "model": list(diagnosed),
        "verdict": [found.verdict for found in diagnosed.values()],
        "sentence": [found.sentence for found in diagnosed.values()],
    }
