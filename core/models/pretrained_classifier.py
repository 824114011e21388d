"""A text classifier on a pretrained encoder. How it learns: core/training/fine_tuning.py.

Legend: B batch, T time (pieces), D width, C classes, N texts.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from core.errors import ConfigError
from core.models.bert_encoder import BertEncoder
from core.models.classifiers import Tuning
from core.models.lower_states import LowerStates
from core.models.predictor import FLOAT_BYTES
from core.models.sentence_encoder import READ_AT_ONCE, Pieces, SentenceEncoder, mean_state

TOP_LAYERS = 2
"""How many layers learn where not all do; those under them read each text once."""


def lower_states_of(encoder: SentenceEncoder) -> LowerStates | None:
    """Return an empty store of the states under the top layers, to be filled and shared by folds.

    None of an encoder that is only read as a whole.
    """
    if not isinstance(encoder, BertEncoder):
        return None
    return LowerStates(encoder, below=max(len(encoder.layers) - TOP_LAYERS, 0))


def _learning(encoder: SentenceEncoder, tuning: Tuning) -> Sequence[nn.Module]:
    if tuning == "top":
        return encoder.blocks()[-TOP_LAYERS:]
    return [encoder] if tuning == "full" else []


class PretrainedClassifier:
    """An encoder, the mean of whose states a linear head reads; it predicts as others do.

    Attributes:
        encoder: what learns of it is its own, the rest is shared with the encoder it was given.
        head: starts at 0, so that every class is as likely as any other.
    """

    head: nn.Linear

    def __init__(self, encoder: SentenceEncoder, *, classes: int, tuning: Tuning = "top") -> None:
        if classes < 2:
            raise ConfigError(f"There is {classes} class; two or more can be told apart.")
        self.tuning = tuning
        self.encoder = encoder.tunable(_learning(encoder, tuning))
        self._learning = _learning(self.encoder, tuning)
        self.head = nn.utils.skip_init(  # type: ignore[no-untyped-call]
            nn.Linear, encoder.width, classes, device=encoder.device
        )
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def predict(
        self, texts: Sequence[str], *, lower: LowerStates | None = None
    ) -> NDArray[np.float64]:
        """Return the probability of each class for each text, (N, C); rows sum to 1.

        Without `lower` all is computed from the texts, in float32; with it, quicker, from states
        that may be kept in bfloat16.
        """
        rows = self.encoder.encode(texts)
        by_length = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        probabilities_NC = np.empty((len(rows), self.head.out_features))
        for start in range(0, len(rows), READ_AT_ONCE):
            chosen = by_length[start : start + READ_AT_ONCE]
            with torch.no_grad():
                logits_BC = self.logits([rows[i] for i in chosen], lower=lower)
            probabilities_NC[chosen] = logits_BC.cpu().double().softmax(1).numpy()
        return probabilities_NC

    def logits(self, rows: Sequence[Pieces], *, lower: LowerStates | None = None) -> Tensor:
        """Return what the head says of texts, (B, C), with gradients to all that is tuned."""
        return self.head(self.summary(rows, lower=lower))  # type: ignore[no-any-return]

    def summary(self, rows: Sequence[Pieces], *, lower: LowerStates | None = None) -> Tensor:
        """Return what the head reads of texts, (B, D): their mean state, if frozen of length 1.

        `lower` is of the encoder that this one shares its lower layers with; where they learn
        too it is not used.
        """
        if lower is None or self.tuning == "full":
            inputs = self.encoder.inputs(rows)
            states_BTD, lengths_B = self.encoder(inputs), inputs.lengths_B
        else:
            assert isinstance(self.encoder, BertEncoder)
            assert self.encoder.table.weight is lower.encoder.table.weight
            states_BTD, lengths_B = lower.read(rows)
            states_BTD = self.encoder.run(states_BTD, lengths_B, first=lower.below)
        summary_BD = mean_state(states_BTD.float(), lengths_B)
        return F.normalize(summary_BD) if self.tuning == "frozen" else summary_BD

    @contextmanager
    def training(self) -> Iterator[None]:
        """Drop out within this context, in what learns of the encoder and nowhere else."""
        for module in self._learning:
            module.train()
        try:
            yield
        finally:
            self.encoder.eval()

    def tuned(self) -> dict[str, nn.Parameter]:
        """Return the weights that learn, by name."""
        both = nn.ModuleDict({"encoder": self.encoder, "head": self.head})
        return {name: weight for name, weight in both.named_parameters() if weight.requires_grad}

    def tuned_state(self) -> dict[str, Tensor]:
        """Return a copy of what was tuned, to be stored: the rest is in the encoder's own files."""
        return {name: weight.detach().cpu().clone() for name, weight in self.tuned().items()}

    def load_tuned_state(self, state: Mapping[str, Tensor]) -> None:
        """Take over what `tuned_state` of such a classifier gave.

        Raises:
            ConfigError: it is of another encoder, another tuning or other classes.
        """
        tuned = self.tuned()
        shapes = {name: weight.shape for name, weight in tuned.items()}
        if {name: weight.shape for name, weight in state.items()} != shapes:
            raise ConfigError(
                "The stored weights are of another encoder, another way of tuning or other "
                "classes than this model's. Train it again."
            )
        with torch.no_grad():
            for name, weight in tuned.items():
                weight.copy_(state[name])

    @property
    def parameters(self) -> int:
        """How many numbers it learned, here or before."""
        both = (*self.encoder.parameters(), *self.head.parameters())
        return sum(weight.numel() for weight in both)

    @property
    def embedding_parameters(self) -> int:
        """How many of them are the table of pieces."""
        return self.encoder.table.weight.numel()

    @property
    def megabytes(self) -> float:
        """How large all its weights are on disk; the tokenizer is not counted."""
        return FLOAT_BYTES * self.parameters / 1e6
