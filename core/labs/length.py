"""The length lab: models learn a task on some lengths and are tested on all, then remedied.

"Why does it fail on sequences longer than those it was trained on, and what helps?"
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import torch

from core.data.length_task import LengthTask
from core.device import choose_device
from core.diagnostics.peak_memory import chunk_table
from core.diagnostics.state_trace import trace_states
from core.labs.length_board import LengthBoard
from core.labs.length_config import LENGTHS, LengthConfig
from core.labs.length_material import prepare_length
from core.labs.length_race import build_length_pupils, models_of, score_all
from core.labs.length_remedies import Tryout, remedy_rounds
from core.labs.length_scores import LONGEST_TESTED, POSITIONS
from core.labs.length_words import describe_length
from core.labs.signature import signature
from core.training.dials import Dials
from core.training.events import (
    CheckpointEvent,
    Event,
    ProgressEvent,
    ResultEvent,
    TableEvent,
    WordsEvent,
)
from core.training.length_loop import LengthPupil, train_lengths

LOOKS = (0.03, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85)
"""The shares of the training after which the curves are told before it has ended."""
LOOK_SEQUENCES = 64
TRACE_SEED = 7
TRACED = 4
CHUNKED = 64
"""How many sequences are traced, and how many are read in chunks to tell the memory."""


def run(
    config: LengthConfig, *, dials: Dials | None = None, text: str | None = None
) -> Iterator[Event]:
    """Run the lab; yield its events, the last a ResultEvent.

    Tables per model: "curve" and "seeds" (see `core.labs.length_scores`), again and again while
    it learns, and "trace" (see `core.diagnostics.state_trace`) before and after. Of no model:
    "failing", "chunks" (see `core.diagnostics.peak_memory`) and "remedies", again after each.
    Series and weights are of each model's first seed.

    Raises:
        ConfigError, TextError, DataMissingError: the texts cannot be used or are not there.
    """
    device = choose_device(config.device)
    dials = dials or Dials(**config.dials())
    started = time.perf_counter()
    material = prepare_length(config, text)
    lab = _Lab(config, material.task, device, dials)
    yield from lab.train()
    yield from lab.examine()
    yield from lab.remedy()
    yield ResultEvent(
        signature=signature(
            "length", config, device=device, source=material.source, turned=dials.history
        ),
        device=device.type,
        seconds=time.perf_counter() - started,
        results=lab.board.results(),
    )


@dataclass(slots=True)
class _Lab:
    config: LengthConfig
    task: LengthTask
    device: torch.device
    dials: Dials
    pupils: list[LengthPupil] = field(init=False)
    board: LengthBoard = field(init=False)
    step: int = 0

    def __post_init__(self) -> None:
        self.pupils = build_length_pupils(self.config, self.task, self.device)
        self.board = LengthBoard(
            config=self.config,
            is_share=self.task.score_name == "accuracy",
            is_better_high=self.task.is_better_high,
            is_exact=self.config.task not in ("sentiment", "language-model"),
        )

    @property
    def total(self) -> int:
        return self.config.updates + (remedy_rounds(self.config) if self.config.remedies else 0)

    def train(self) -> Iterator[Event]:
        """Train the models of all seeds; tell their curves on the way."""
        yield from self._traces()
        looks = [int(share * self.config.updates) for share in LOOKS]
        for event in train_lengths(
            self.pupils,
            rounds=self.config.updates,
            device=self.device,
            dials=self.dials,
            all_rounds=self.total,
        ):
            yield event
            if isinstance(event, ProgressEvent):
                self.step = event.step
                if looks and self.step >= looks[0]:
                    looks = [each for each in looks if each > self.step]
                    yield from self._look()

    def _look(self) -> Iterator[Event]:
        for name in self.config.trained_models:
            scores_SLN = score_all(
                models_of(self.pupils, name),
                self.task,
                LENGTHS,
                sequences=min(LOOK_SEQUENCES, self.config.sequences),
                device=self.device,
            )
            yield from self.board.curve(name, scores_SLN, self.step)

    def examine(self) -> Iterator[Event]:
        """Test the trained models at all lengths, and look at their states."""
        for name in self.config.trained_models:
            pupils = [pupil for pupil in self.pupils if pupil.learner.name == name]
            scores_SPN = score_all(
                models_of(pupils, name),
                self.task,
                POSITIONS,
                sequences=self.config.sequences,
                device=self.device,
            )
            self.board.take_trained(
                name,
                scores_SPN,
                updates=sum(pupil.done for pupil in pupils) / len(pupils),
                seconds=sum(pupil.seconds for pupil in pupils) / len(pupils),
            )
            yield from self.board.curve(name, self.board.trained[name].scores_SLN, self.step)
            yield self.board.failing(self.step)
        yield WordsEvent(step=self.step, sentences=describe_length(self.board))
        yield from self._traces()
        yield from self._checkpoints()

    def remedy(self) -> Iterator[Event]:
        """Try all remedies on the model that fails."""
        config = self.config
        if not config.remedies:
            return
        bases = [pupil for pupil in self.pupils if pupil.learner.name == config.remedied]
        generator = torch.Generator().manual_seed(TRACE_SEED)
        inputs = self.task.draw_held_out(LONGEST_TESTED, CHUNKED, generator).inputs
        columns = chunk_table(bases[0].learner.model, inputs)
        yield TableEvent(name="chunks", model="", step=self.step, columns=columns)
        tryout = Tryout(
            config=config,
            task=self.task,
            device=self.device,
            dials=self.dials,
            board=self.board,
            bases=bases,
            step=self.step,
            total=self.total,
        )
        yield from tryout.run()

    def _traces(self) -> Iterator[Event]:
        generator = torch.Generator().manual_seed(TRACE_SEED)
        inputs = self.task.draw_held_out(LONGEST_TESTED, TRACED, generator).inputs
        for name in self.config.trained_models:
            columns = trace_states(models_of(self.pupils, name)[0], inputs)
            yield TableEvent(name="trace", model=name, step=self.step, columns=columns)

    def _checkpoints(self) -> Iterator[Event]:
        for name in self.config.trained_models:
            model = models_of(self.pupils, name)[0]
            yield CheckpointEvent(model=name, step=self.step, state=model.state_dict())
