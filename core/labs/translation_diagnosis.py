"""Why a trained model loses words: the diagnosis of each pupil, as events."""

from collections.abc import Generator
from dataclasses import dataclass
from itertools import islice

import pandas as pd

from core.data.pairs import Pair
from core.diagnostics.bottleneck import probe_table
from core.diagnostics.diagnosis import Diagnosis, diagnose
from core.diagnostics.exposure import position_table, recovery_table
from core.diagnostics.forced_reading import Sample, make_sample
from core.diagnostics.length_effects import DecodingSettings
from core.labs.translation_scores import Examiner, tested_pairs
from core.models.translator import Translator
from core.training.events import Columns, Event, TableEvent
from core.training.pair_loop import Pupil

DIAGNOSED_PAIRS = 32
PROBE_PAIRS = 600
PROBE_POSITIONS = (1, 2, 3, 5, 8, 12, 16, 20, 25)
PROBE_BUCKET = 25
SHOWN_AS = {"bleu_unpenalized": "bleu_without_brevity"}
PROBE_SPREAD = 0.2
"""A probe is fitted to training sentences whose length is within this share of the tested one's."""


@dataclass(frozen=True, slots=True)
class ModelDiagnosis:
    """The verdict on one model, in a word and a sentence, with the numbers behind it."""

    verdict: str
    sentence: str
    evidence: list[str]


def diagnosis_events(
    examiner: Examiner, pupil: Pupil, untrained: Translator
) -> Generator[Event, None, ModelDiagnosis]:
    """Yield the tables of the diagnosis of one pupil, and return it.

    Tables: "diagnosis" (see `Diagnosis.causes`), "attention_quality", "bottleneck", "exposure",
    "length_effects" (one row a bucket each), "positions" of the longest trained bucket, and
    "recovery" and "probe" of the one nearest to `PROBE_BUCKET`; see the functions of
    `core.diagnostics` that make them. `untrained` is a model of the same kind with random weights.
    """
    config = examiner.config
    samples = _diagnosed_samples(examiner)
    found = diagnose(
        pupil.model,
        list(samples.values()),
        trained=config.trained,
        settings=DecodingSettings(
            beam=config.beam,
            length_penalty=config.length_penalty,
            planted_error=config.planted_error,
        ),
        seed=config.seed,
    )
    tables = {
        "diagnosis": found.causes,
        "attention_quality": found.attention,
        "bottleneck": found.bottleneck,
        "exposure": found.exposure,
        "length_effects": found.length.rename(columns=SHOWN_AS),
    }
    trained = [bucket for bucket in samples if bucket in config.trained]
    if trained:
        tables["positions"] = position_table(pupil.model, [samples[trained[-1]]])
        nearest = min(trained, key=lambda bucket: abs(bucket - PROBE_BUCKET))
        planted = config.planted_error
        tables["recovery"] = recovery_table(
            pupil.model, [samples[nearest]], planted_word=planted, seed=config.seed
        )
        tables["probe"] = probe_table(
            pupil.model,
            untrained,
            _fit_sample(examiner, nearest),
            _sample(examiner, nearest, list(examiner.material.corpus.test[nearest])),
            PROBE_POSITIONS,
        )
    for name, table in tables.items():
        yield TableEvent(
            name=name, model=pupil.spec.name, step=pupil.done, columns=plain_columns(table)
        )
    return _concluded(found)


def diverged(update: int) -> ModelDiagnosis:
    """Return what stands for the diagnosis of a model whose numbers are no longer finite."""
    sentence = (
        f"Diverged: loss or gradient was not finite at update {update}, so nothing is diagnosed. "
        "Try a lower learning rate, or clipping."
    )
    return ModelDiagnosis("diverged", sentence, [])


def plain_columns(table: pd.DataFrame) -> Columns:
    """Return a table as plain lists; what was not measured is None."""
    whole = table.astype(object).where(table.notna(), None)
    return {str(name): whole[name].tolist() for name in whole.columns}


def _concluded(found: Diagnosis) -> ModelDiagnosis:
    evidence = [f"{row.cause}: {row.measured}" for row in found.causes.itertuples()]
    sentence = " ".join(filter(None, (found.sentence, found.beyond)))
    return ModelDiagnosis(found.verdict, sentence, evidence)


def _diagnosed_samples(examiner: Examiner) -> dict[int, Sample]:
    """Return some test pairs of each trained bucket, and of the first one beyond, to compare."""
    tested = tested_pairs(examiner.material, DIAGNOSED_PAIRS)
    trained = [bucket for bucket in tested if bucket in examiner.config.trained]
    beyond = [bucket for bucket in tested if bucket > examiner.config.longest][:1]
    return {b: _sample(examiner, b, list(tested[b])) for b in trained + beyond}


def _sample(examiner: Examiner, bucket: int, pairs: list[Pair]) -> Sample:
    words = examiner.material
    return make_sample(bucket, pairs, words.source_vocabulary, words.target_vocabulary)


def _fit_sample(examiner: Examiner, bucket: int) -> Sample:
    """Return training pairs of about the bucket's length, for a probe to be fitted to."""
    near = (
        pair
        for pair in examiner.material.corpus.train
        if abs(len(pair.target) - bucket) <= PROBE_SPREAD * bucket
    )
    return _sample(examiner, bucket, list(islice(near, PROBE_PAIRS)))
