"""What answers propose to make the model smaller or faster, each tried and measured.

Every variant answers the same batches in turns with the model that is served, and the same texts.
Legend: N texts.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from statistics import fmean

import numpy as np
import torch
from numpy.typing import NDArray

from core.data.folds import Fold
from core.data.labelled import Example
from core.data.text_task import TextTask
from core.labs.served import Served
from core.labs.serving_config import ServingConfig
from core.labs.serving_rows import COMPARED_BATCHES, Labels, Row, VariantTable, accuracy_columns
from core.models.classifier_sizes import usual_sizes
from core.models.classifiers import CLASSIFIERS
from core.models.text_classifier import TextClassifier
from core.serving.equal_texts import answers_of
from core.serving.service_times import Clock
from core.serving.trained_variants import trained_model, variant_pupil, variant_sizes
from core.serving.variants import (
    SERVED,
    NotMade,
    ShrunkModel,
    TorchAnswer,
    convert,
    torch_model,
)
from core.serving.variants_catalogue import VARIANTS, Variant
from core.text.phrases import signed
from core.training.dials import Dials
from core.training.distillation import (
    Lessons,
    SeedDifference,
    distil,
    make_pupil,
    seed_difference,
    student_pairs,
)
from core.training.events import Event, ProgressEvent, TableEvent
from core.training.text_loop import TextPupil, epoch_updates, train_texts

_CPU = torch.device("cpu")
DISTILLATION = ("seed", "scratch", "distilled", "difference", "mean", "low", "high")
LEARNING_RATE = 2e-3
CLIP = 1.0
ROUNDS = 15
"""That converting or measuring one variant counts as."""
STUDENTS = ("distilled", "scratch")


class Shrinker:
    """Trains what has to be trained, makes each variant and tells its row as soon as it is known.

    All on the CPU, whatever the device. `difference` is what distillation came to, as a share.
    """

    def __init__(self, config: ServingConfig, served: Served, clock: Clock) -> None:
        assert served.predictor is not None
        assert served.texts is not None
        assert served.fold is not None
        self.config, self.settings = config, served.texts
        self.table = VariantTable(config, clock)
        self.difference: SeedDifference | None = None
        self._predictor, self._is_trained = served.predictor, served.is_trained
        self._classifier = served.predictor.model.to(_CPU).eval()
        self._label = served.label
        self._ids = {batch: served.request(batch, served.words) for batch in COMPARED_BATCHES}
        train, dev, test = (self._task(part) for part in _parts(served.fold))
        self._test = test
        self._lessons = Lessons(
            train=train,
            dev=dev,
            vocabulary_size=served.predictor.vocabulary.size,
            classes=self._classifier.head.out_features,
            epochs=config.epochs,
            layers=served.texts.layers,
        )
        self._step, self._all_rounds = 0, 0
        self._served_answers = np.empty(0, np.int64)
        self._students: dict[str, tuple[ShrunkModel, float]] = {}

    @property
    def rounds(self) -> int:
        """How many rounds it has in all."""
        taught = any(name in STUDENTS for name in self.config.variants)
        stages = taught + (not self._is_trained or bool(self._trained))
        return stages * self._training_rounds + ROUNDS * (1 + len(self.config.variants))

    def run(self, first_round: int, all_rounds: int) -> Iterator[Event]:
        """Train, make and measure every variant; yield the tables after each, and progress.

        "variants": see `VariantTable`. "distillation": `DISTILLATION`, accuracies, a row a seed;
        its mean difference with its 95 % interval stands in each.
        """
        self._step, self._all_rounds = first_round, all_rounds
        pupils = yield from self._train()
        served = torch_model(self._classifier, label=self._label)
        yield from self._tell(served, "served")
        for name in self.config.variants:
            variant = VARIANTS[name]
            if variant.kind != "training":
                made = convert(name, self._classifier, threads=self.config.threads)
                yield from self._tell(made, variant.kind, pad_to=self._predictor.pad_to)
            elif name in STUDENTS:
                if not self._students:
                    yield from self._teach()
                student, accuracy = self._students[name]
                noted = replace(student, note=self._verdict() if name == "distilled" else "")
                yield from self._tell(noted, variant.kind, accuracy=accuracy)
            else:
                yield from self._tell(trained_model(variant, pupils[name]), variant.kind)

    @property
    def _trained(self) -> list[Variant]:
        """The variants that learn without a teacher."""
        found = [VARIANTS[name] for name in self.config.variants if name not in STUDENTS]
        return [variant for variant in found if variant.kind == "training"]

    @property
    def _training_rounds(self) -> int:
        train = self._lessons.train
        return self.config.epochs * epoch_updates(len(train.rows), self._lessons.batch_size)

    def _task(self, part: Sequence[Example]) -> TextTask:
        rows = [self._predictor.encode(each.text) for each in part]
        return TextTask(rows, [each.label for each in part])

    def _train(self) -> Generator[Event, None, dict[str, TextPupil]]:
        """Train the served model, where it is fresh, and those that take its place; by name."""
        width, hidden, seed = self.settings.width, self.settings.hidden, self.config.seed
        pupils = {
            variant.name: variant_pupil(
                variant, self._lessons, width=width, hidden=hidden, seed=seed, device=_CPU
            )
            for variant in self._trained
        }
        if not self._is_trained:
            spec = CLASSIFIERS["lstm"]
            sizes = usual_sizes(spec, width=width, hidden=hidden)
            pupils[SERVED] = make_pupil(
                spec, sizes, self._lessons, name=SERVED, seed=seed, device=_CPU
            )
        if pupils:
            yield from self._rounds_of(
                train_texts(
                    list(pupils.values()),
                    device=_CPU,
                    dials=_dials(),
                    is_shown=False,
                    first_round=self._step,
                    all_rounds=self._all_rounds,
                )
            )
        if SERVED in pupils:
            self._classifier = classifier_of(pupils[SERVED])
        return pupils

    def _teach(self) -> Iterator[Event]:
        """Train students of equal first weights, with and without the served model as a teacher."""
        sizes = variant_sizes(
            VARIANTS["distilled"], width=self.settings.width, hidden=self.settings.hidden
        )
        seeds = range(self.config.seed, self.config.seed + self.config.students)
        pairs = student_pairs(
            self._classifier, self._lessons, sizes=sizes, seeds=seeds, device=_CPU
        )
        yield from self._rounds_of(
            distil(
                pairs,
                device=_CPU,
                dials=_dials(),
                first_round=self._step,
                all_rounds=self._all_rounds,
            )
        )
        learned = {
            "scratch": [pair.scratch for pair in pairs],
            "distilled": [pair.distilled for pair in pairs],
        }
        accuracies: dict[str, list[float]] = {}
        for name, pupils in learned.items():
            models = [trained_model(VARIANTS[name], pupil) for pupil in pupils]
            accuracies[name] = [float(self._right(self._answers(each)).mean()) for each in models]
            self._students[name] = (models[0], fmean(accuracies[name]))
        self.difference = seed_difference(accuracies["scratch"], accuracies["distilled"])
        both = zip(accuracies["scratch"], accuracies["distilled"], strict=True)
        told = (self.difference.mean, self.difference.low, self.difference.high)
        rows = [(seed, a, b, b - a, *told) for seed, (a, b) in zip(seeds, both, strict=True)]
        columns = dict(zip(DISTILLATION, map(list, zip(*rows, strict=True)), strict=True))
        yield TableEvent(name="distillation", model="", step=self._step, columns=columns)

    def _verdict(self) -> str:
        """Return in a sentence what a teacher is worth, over paired seeds."""
        found = self.difference
        assert found is not None
        points = f"{signed(100 * found.mean, 1)} points"
        if found.low is None or found.high is None:
            return f"The teacher is worth {points} with one seed, which says nothing yet."
        between = f"({signed(100 * found.low, 1)} to {signed(100 * found.high, 1)})"
        return (
            f"The teacher is worth {points} {between} over {found.seeds} seeds: {found.verdict}. "
            "Accuracies are their means."
        )

    def _rounds_of(self, training: Iterator[Event]) -> Iterator[Event]:
        yield from training
        self._step += self._training_rounds

    def _tell(
        self,
        made: ShrunkModel | NotMade,
        kind: str,
        *,
        pad_to: int = 0,
        accuracy: float | None = None,
    ) -> Iterator[Event]:
        """Measure a variant and yield the table with its row; `accuracy` is a mean over seeds."""
        row = self.table.begin(made.name, made.label, kind, made.note)
        if isinstance(made, ShrunkModel):
            row |= self.table.size(made.megabytes)
            row |= self.table.race(TorchAnswer(self._classifier), made.answer, self._ids)
            row |= self._tested(made, pad_to, accuracy)
        self._step += ROUNDS
        yield self.table.add(row, self._step)
        yield ProgressEvent(step=self._step, total=self._all_rounds)

    def _tested(self, made: ShrunkModel, pad_to: int, accuracy: float | None) -> Row:
        answers_N = self._answers(made, pad_to)
        if made.name == SERVED:
            self._served_answers = answers_N
        share = float(self._right(answers_N).mean()) if accuracy is None else accuracy
        flips = float((answers_N != self._served_answers).mean())
        return accuracy_columns(share, len(answers_N)) | {"flips": flips}

    def _answers(self, made: ShrunkModel, pad_to: int = 0) -> Labels:
        """Return the class that a model gives each text that is tested, (N,)."""
        labels_N: Labels = answers_of(made.answer, self._test.rows, pad_to=pad_to).argmax(1)
        return labels_N

    def _right(self, answers_N: Labels) -> NDArray[np.bool_]:
        right_N: NDArray[np.bool_] = answers_N == np.array(self._test.labels)
        return right_N


def classifier_of(pupil: TextPupil) -> TextClassifier:
    """Return the classifier that a pupil has become, dropout off."""
    model = pupil.learner.model.eval()
    assert isinstance(model, TextClassifier)
    return model


def _parts(fold: Fold) -> tuple[Sequence[Example], ...]:
    return fold.train, fold.dev, fold.test


def _dials() -> Dials:
    return Dials(learning_rate=LEARNING_RATE, clip=CLIP)
