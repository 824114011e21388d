"""A run of the sentiment lab, step by step: who learns when, what is told, who is looked at."""

import time
from collections.abc import Iterator, Sequence

import torch

from core.errors import ConfigError, DataMissingError, SeqScopeError
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_material import SentimentMaterial, data_columns, length_columns
from core.labs.sentiment_pretrained import EncoderTuner
from core.labs.sentiment_probes import measure_model, probe_model
from core.labs.sentiment_race import build_text_pupils, neural_predictor
from core.labs.sentiment_scores import FoldAnswers, Scoreboard
from core.labs.sentiment_texts import encode_fold
from core.labs.sentiment_weights import choose_stored, learned_weights
from core.labs.sentiment_words import describe_sentiment
from core.models.classifiers import find_classifier
from core.models.nb_svm import NbSvm
from core.models.predictor import MajorityPredictor, Predictor
from core.text.words import WordVocabulary
from core.training.dials import Dials
from core.training.events import (
    CheckpointEvent,
    Columns,
    Event,
    ProgressEvent,
    TableEvent,
    WordsEvent,
)
from core.training.text_loop import TextPupil, epoch_updates, train_texts

LOOK_ROUNDS = 40
"""Rounds that looking at one model at the end counts as, so that progress goes on meanwhile."""
TUNING_ROUNDS = 400
"""Rounds that tuning a pretrained encoder on one fold counts as."""


class Contest:
    """One run: trains model after model, fold after fold, and tells what is known at once.

    Each step is a generator of events, taken to its end in the order of `core.labs.sentiment.run`.
    `models` are those of the first fold, which are looked at closely at the end.
    """

    def __init__(
        self,
        config: SentimentConfig,
        material: SentimentMaterial,
        device: torch.device,
        dials: Dials,
    ) -> None:
        self.config, self.material, self.device, self.dials = config, material, device, dials
        self.board = Scoreboard(config, material)
        self.models: dict[str, Predictor] = {}
        self._epochs: dict[str, Columns] = {}
        self._fold_rounds = config.epochs * max(
            epoch_updates(len(fold.train), config.batch_size) for fold in material.folds
        )
        self._step = 0
        neural = config.folds * self._fold_rounds if config.neural else 0
        tuned = config.folds * len(config.pretrained) * TUNING_ROUNDS
        self._total = neural + tuned + LOOK_ROUNDS * len(config.models)

    def opening(self) -> Iterator[Event]:
        """Yield what is known before anything is trained."""
        lengths = length_columns(self.material.lengths, self.config.most_words)
        yield TableEvent(name="data", model="", step=0, columns=data_columns(self.material))
        yield TableEvent(name="lengths", model="", step=0, columns=lengths)
        yield self.board.shootout(0)
        yield ProgressEvent(step=0, total=self._total)

    def run_fold(self, at: int) -> Iterator[Event]:
        """Train and test all models of one fold but the pretrained ones."""
        yield from self._baselines(at)
        if not self.config.neural:
            return
        vocabulary, texts = encode_fold(self.config, self.material, at)
        pupils = build_text_pupils(self.config, texts, self.device)
        for pupil in pupils:
            self.board.standings[pupil.name].state = "training"
        yield self.board.shootout(self._step)
        tested: set[str] = set()
        for event in train_texts(
            pupils,
            device=self.device,
            dials=self.dials,
            is_shown=at == 0,
            first_round=self._step,
            all_rounds=self._total,
        ):
            yield event
            if event.kind != "progress":
                continue
            for pupil in pupils:
                yield from self._new_epochs(pupil, at)
                if pupil.is_finished and pupil.name not in tested:
                    tested.add(pupil.name)
                    yield from self._test_pupil(pupil, vocabulary, at)
        self._step += self._fold_rounds
        yield ProgressEvent(step=self._step, total=self._total)

    def run_pretrained(self) -> Iterator[Event]:
        """Tune the pretrained models on all folds; one that cannot be says why in its row."""
        names = self.config.pretrained
        if not names:
            return
        try:
            tuner = EncoderTuner.open(self.config, self.material, self.device)
        except (DataMissingError, ConfigError) as error:
            yield from self._give_up(names, error)
            self._step += self.config.folds * len(names) * TUNING_ROUNDS
            return
        for name in names:
            end = self._step + self.config.folds * TUNING_ROUNDS
            try:
                yield from self._tune(tuner, name)
            except ConfigError as error:  # this encoder cannot be tuned in this way
                yield from self._give_up([name], error)
            self._step = end

    def _tune(self, tuner: EncoderTuner, name: str) -> Iterator[Event]:
        self.board.standings[name].state = "training"
        yield self.board.shootout(self._step)
        for at in range(self.config.folds):
            tuning = tuner.tune(name, at)
            while True:
                try:
                    share = next(tuning)
                except StopIteration as done:
                    classifier: Predictor = done.value
                    break
                yield self._progress(round(share * TUNING_ROUNDS))
            self._step += TUNING_ROUNDS
            yield from self._test(name, classifier, at, seconds=tuner.seconds)

    def examine(self) -> Iterator[Event]:
        """Measure and probe the models of the first fold, now that nothing is trained beside."""
        torch.set_num_threads(self.config.threads)
        for name in self.config.models:
            if name in self.models:
                standing = self.board.standings[name]
                standing.latency = measure_model(self.models[name], self.material.folds[0])
                yield self.board.shootout(self._step)
            self._step += LOOK_ROUNDS // 2
            yield self._progress()
        for name in self.config.models:
            if name in self.models:
                yield from probe_model(
                    name, self.models[name], self.config, self.material, step=self._step
                )
            self._step += LOOK_ROUNDS // 2
            yield self._progress()
        yield self._words()

    def checkpoints(self) -> Iterator[Event]:
        """Yield the weights of the first fold's models, as many as a run may store."""
        stored, left_out = choose_stored(self.models)
        for name, why in left_out.items():
            self.board.standings[name].note = why
        if left_out:
            yield self.board.shootout(self._step)
        for name in stored:
            state = learned_weights(self.models[name])
            yield CheckpointEvent(model=name, step=self._step, state=state)

    def _baselines(self, at: int) -> Iterator[Event]:
        fold = self.material.folds[at]
        texts, labels = [e.text for e in fold.train], [e.label for e in fold.train]
        classes = len(self.material.classes)
        for name in self.config.models:
            started = time.process_time()
            predictor: Predictor
            match find_classifier(name).family:
                case "majority":
                    predictor = MajorityPredictor(labels, classes)
                case "nb-svm":
                    try:
                        predictor = NbSvm.fit(texts, labels, classes, seed=self.config.seed + at)
                    except DataMissingError as error:
                        yield from self._give_up([name], error)
                        continue
                case _:
                    continue
            yield from self._test(name, predictor, at, seconds=time.process_time() - started)

    def _new_epochs(self, pupil: TextPupil, at: int) -> Iterator[Event]:
        """Yield the table of epochs where one has ended since the last call."""
        columns = self._epochs.setdefault(pupil.name, {"fold": [], "epoch": []})
        told = columns["fold"].count(at + 1)
        if told == len(pupil.history):
            return
        for epoch in pupil.history[told:]:
            columns["fold"].append(at + 1)
            for name in ("epoch", "update", "train_loss", "dev_loss", "dev_accuracy", "seconds"):
                columns.setdefault(name, []).append(getattr(epoch, name))
        copied = {name: list(values) for name, values in columns.items()}
        yield TableEvent(name="epochs", model=pupil.name, step=self._step, columns=copied)

    def _test_pupil(self, pupil: TextPupil, vocabulary: WordVocabulary, at: int) -> Iterator[Event]:
        predictor = neural_predictor(pupil.learner.model, vocabulary, self.config, self.device)
        best = pupil.best
        yield from self._test(
            pupil.name,
            predictor,
            at,
            seconds=pupil.seconds,
            epochs=len(pupil.history),
            best_epoch=best.epoch if best else None,
        )

    def _test(
        self,
        name: str,
        predictor: Predictor,
        at: int,
        *,
        seconds: float,
        epochs: int | None = None,
        best_epoch: int | None = None,
    ) -> Iterator[Event]:
        """Test a model on its fold, and yield all tables that this changes."""
        answers = FoldAnswers(
            fold=at,
            probabilities_NC=predictor.predict([e.text for e in self.material.folds[at].test]),
            seconds=seconds,
            epochs=epochs,
            best_epoch=best_epoch,
        )
        self.board.take(name, answers)
        if at == 0:
            self.models[name] = predictor
            standing = self.board.standings[name]
            standing.parameters = predictor.parameters
            standing.embedding_parameters = predictor.embedding_parameters
            standing.megabytes = predictor.megabytes
        yield self.board.shootout(self._step)
        yield from self.board.tables(name, self._step)
        yield self._words()

    def _give_up(self, names: Sequence[str], why: SeqScopeError) -> Iterator[Event]:
        """Say in their rows why models cannot be trained; if none is left, the run ends."""
        for name in names:
            self.board.standings[name].state = "unavailable"
            self.board.standings[name].note = str(why)
        yield self.board.shootout(self._step)
        if all(each.state == "unavailable" for each in self.board.standings.values()):
            raise why

    def _progress(self, ahead: int = 0) -> ProgressEvent:
        return ProgressEvent(step=min(self._step + ahead, self._total), total=self._total)

    def _words(self) -> WordsEvent:
        sentences = describe_sentiment(self.config, self.board.results(), self.material)
        return WordsEvent(step=self._step, sentences=sentences)
