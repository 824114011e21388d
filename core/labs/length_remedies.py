"""Every remedy tried on the model that fails: what it reads, what it is trained on, what helps."""

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import nn

from core.data.length_task import LengthTask, Read
from core.labs.length_board import LengthBoard, Trial
from core.labs.length_config import LENGTHS, LengthConfig
from core.labs.length_race import build_length_model, new_pupil, score_all, seeds_of
from core.labs.length_scores import LONGEST_TESTED, Scores
from core.labs.length_words import describe_length
from core.labs.remedies import ARCHITECTURE_SEEDS, CONTROL, SEGMENTS, VARIABLE_LENGTHS, Remedy
from core.models.chunked_reading import READINGS
from core.models.recurrent import RecurrentModel
from core.training.dials import Dials
from core.training.events import Event, ProgressEvent, WordsEvent
from core.training.length_loop import LengthPupil, train_lengths
from core.training.lessons import (
    StateCarrier,
    carried_segments,
    chosen_lengths,
    endless_batches,
)

BUDGETS = ("updates", "compute")
FURTHER_RATE = 0.3
"""Of its learning rate, in further training: at the full one the control too gains less."""
FURTHER = 500_000
"""Added to a seed: what is drawn in the further training is not what was drawn before."""
COMPARED = 4
"""Sequences on which a reading is held against one pass."""
READ_ROUNDS = 5
ANSWERS_THE_END = ("robust-as-written",)
"""Readings that must read each length by itself: of a longer one they answer only the end."""


def remedy_rounds(config: LengthConfig) -> int:
    """Return the rounds of progress that the remedies of a run take."""
    return sum(_rounds(config, remedy) for remedy in config.tried)


def _rounds(config: LengthConfig, remedy: Remedy) -> int:
    return READ_ROUNDS if remedy.kind == "reading" else config.updates


@dataclass(slots=True, kw_only=True)
class Tryout:
    """The remedies of one run, each put on the board as it is done.

    `bases` are the trained models that fail, one a seed; they are left as they are. `step` of
    `total` rounds are done.
    """

    config: LengthConfig
    task: LengthTask
    device: torch.device
    dials: Dials
    board: LengthBoard
    bases: Sequence[LengthPupil]
    step: int
    total: int
    _controls: list[LengthPupil] = field(default_factory=list)
    _control_scores: Scores | None = None

    def run(self) -> Iterator[Event]:
        """Try all; yield the table "remedies" and the words after each."""
        self.board.trials.append(self._base)
        yield self.board.remedies(self.step)
        for remedy in self.config.tried:
            end = self.step + _rounds(self.config, remedy)
            if remedy.kind == "reading":
                self._read(remedy)
            else:
                yield from self._train(remedy)
            self.step = end
            yield self.board.remedies(self.step)
            yield WordsEvent(step=self.step, sentences=describe_length(self.board))
            yield ProgressEvent(step=self.step, total=self.total)

    @property
    def _base(self) -> Trial:
        return self.board.trained[self.config.remedied]

    def _read(self, remedy: Remedy) -> None:
        models = [pupil.learner.model for pupil in self.bases]
        reads = [self._reading(remedy, model) for model in models]
        scores_SLN = self._score(reads, one_pass=remedy.name not in ANSWERS_THE_END)
        note = self._reading_note(models[0], reads[0])
        base = self._base
        self.board.trials.append(
            Trial(
                remedy=remedy.name,
                label=remedy.label,
                kind=remedy.kind,
                model=self.config.remedied,
                budget="none",
                scores_SLN=scores_SLN,
                updates=base.updates,
                seconds=base.seconds,
                compared="base",
                reference_SLN=base.scores_SLN,
                note=note,
            )
        )

    def _reading(self, remedy: Remedy, model: nn.Module) -> Read:
        assert isinstance(model, RecurrentModel)
        return READINGS[remedy.name](model, self.config.segment, self.config.overlap)

    @torch.no_grad()
    def _reading_note(self, model: nn.Module, read: Read) -> str:
        """Return how far its answers are from those of one pass, and how many are missing."""
        generator = torch.Generator().manual_seed(FURTHER)
        inputs = self.task.draw_held_out(LONGEST_TESTED, COMPARED, generator).inputs.to(self.device)
        outputs_TBO = read(inputs)
        difference_T = (outputs_TBO - model(inputs)).abs().amax((1, 2))
        answered_T = ~difference_T.isnan()
        largest = float(difference_T[answered_T].max())
        said = (
            f"Its answers are those of one pass: they differ by {largest:.0e} at most."
            if largest < 1e-5
            else f"Its answers are not those of one pass: they differ by up to {largest:.2g}."
        )
        if answered_T.all():
            return said
        return f"It answers {int(answered_T.sum())} of {LONGEST_TESTED} steps. {said}"

    def _train(self, remedy: Remedy) -> Iterator[Event]:
        """Train with a remedy on both budgets at once; of the control they are the same."""
        budgets = BUDGETS[:1] if remedy.name == CONTROL else BUDGETS
        pupils = {budget: self._pupils(remedy, budget) for budget in budgets}
        yield from train_lengths(
            [pupil for of_budget in pupils.values() for pupil in of_budget],
            rounds=_rounds(self.config, remedy),
            device=self.device,
            dials=self.dials,
            first_round=self.step,
            all_rounds=self.total,
        )
        for budget, of_budget in pupils.items():
            self._take(remedy, budget, of_budget)

    def _pupils(self, remedy: Remedy, budget: str) -> list[LengthPupil]:
        seeds = list(seeds_of(self.config))
        if remedy.kind == "architecture":
            seeds = seeds[: ARCHITECTURE_SEEDS[budget]]
        pupils = []
        for at, seed in enumerate(seeds):
            pupil = self._pupil(remedy, at, seed)
            if budget == "compute":
                pupil.updates = None
                pupil.allowed_seconds = self._controls[at].seconds
                if remedy.kind == "architecture":
                    pupil.allowed_seconds += self.bases[at].seconds
            pupils.append(pupil)
        return pupils

    def _pupil(self, remedy: Remedy, at: int, seed: int) -> LengthPupil:
        config, task = self.config, self.task
        generator = torch.Generator().manual_seed(seed + FURTHER)
        batches = endless_batches(task, config.batch_size, generator)
        name = remedy.model or config.remedied
        if remedy.kind == "architecture":
            model = build_length_model(remedy.model, config, task, seed).to(self.device)
        else:
            model = copy.deepcopy(self.bases[at].learner.model)
        if remedy.name == "variable-lengths":
            batches = chosen_lengths(task, config.batch_size, generator, lengths=VARIABLE_LENGTHS)
        elif remedy.name == "tbptt":
            assert isinstance(model, RecurrentModel)
            model = StateCarrier(model)
            batches = carried_segments(
                task,
                config.batch_size,
                generator,
                carrier=model,
                segments=SEGMENTS,
                steps=config.segment,
            )
        pupil = new_pupil(name, model, task, batches, self.device, updates=config.updates)
        pupil.rate *= FURTHER_RATE if remedy.kind == "training" else 1.0
        return pupil

    def _take(self, remedy: Remedy, budget: str, pupils: Sequence[LengthPupil]) -> None:
        """Put what was trained on the board, beside the control of the same seeds."""
        models = [_bare(pupil.learner.model) for pupil in pupils]
        scores_SLN = self._score(models)
        is_further = remedy.kind == "training"
        is_control = remedy.name == CONTROL
        if is_control:
            self._controls, self._control_scores = list(pupils), scores_SLN
        to_base = is_control or (not is_further and budget == "updates")
        base = self._base
        reference_SLN = base.scores_SLN if to_base else self._control_scores
        assert reference_SLN is not None
        trial = Trial(
            remedy=remedy.name,
            label=remedy.label,
            kind=remedy.kind,
            model=remedy.model or self.config.remedied,
            budget=budget,
            scores_SLN=scores_SLN,
            updates=_mean(pupil.done for pupil in pupils) + is_further * base.updates,
            seconds=_mean(pupil.seconds for pupil in pupils) + is_further * base.seconds,
            compared="base" if to_base else "control",
            reference_SLN=reference_SLN[: len(models)],
            note=f"{self._seeds_note(len(models))}{_table_note(models[0])}".strip(),
        )
        self.board.trials += (
            [replace(trial, budget=each) for each in BUDGETS] if is_control else [trial]
        )

    def _seeds_note(self, count: int) -> str:
        """Return how many seeds were tried, where they are fewer than the run's."""
        if count == self.config.seeds:
            return ""
        said = f"{count} of {self.config.seeds} seeds, for it takes long to train."
        return said + (" The interval is over sequences. " if count == 1 else " ")

    def _score(self, reads: Sequence[Read], *, one_pass: bool = True) -> Scores:
        return score_all(
            reads,
            self.task,
            LENGTHS,
            sequences=self.config.sequences,
            device=self.device,
            one_pass=one_pass,
        )


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _bare(model: nn.Module) -> nn.Module:
    return model.model if isinstance(model, StateCarrier) else model


def _table_note(model: nn.Module) -> str:
    """Return where a model's table of positions ends, if it has one."""
    longest = getattr(model, "longest_input", None)
    if longest is None:
        return ""
    return f"Its table of positions ends at {longest} steps: beyond there is no answer."
