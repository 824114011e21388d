"""Recurrent sequence models: one call, `model(inputs) -> outputs_TBO`.

Legend: B batch, T time, I input width, D directions, H hidden width, O output width.
"""

from torch import Tensor, nn

Recurrent = nn.LSTM | nn.GRU | nn.RNN
State = Tensor | tuple[Tensor, Tensor]
"""What is carried from step to step: h, of an LSTM h and c, each (layers, B, H)."""


def recurrent_weight(recurrent: Recurrent) -> Tensor:
    """Return W_hh of the first layer, (G H, H) with G gates: the parameter itself."""
    return recurrent.get_parameter("weight_hh_l0")


class RecurrentModel(nn.Module):
    """A fused recurrent stack between an optional embedding and a linear head.

    `inputs` are (T, B, I) numbers or (T, B) ids; `recurrent` is the fused torch module, which
    the diagnostics read.
    """

    def __init__(
        self, recurrent: Recurrent, *, output_size: int, vocabulary_size: int | None = None
    ) -> None:
        super().__init__()
        self.embedding: nn.Embedding | None = None
        if vocabulary_size is not None:
            self.embedding = nn.Embedding(vocabulary_size, recurrent.input_size)
        self.recurrent = recurrent
        directions = 2 if recurrent.bidirectional else 1
        self.head = nn.Linear(directions * recurrent.hidden_size, output_size)

    def features(self, inputs: Tensor) -> Tensor:
        """Return what the recurrent stack reads, (T, B, I)."""
        return inputs if self.embedding is None else self.embedding(inputs)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the outputs at every step, (T, B, O)."""
        hidden_TBH, _ = self.recurrent(self.features(inputs))
        return self.head(hidden_TBH)  # type: ignore[no-any-return]

    def read_from(self, inputs: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Return the outputs at every step, (T, B, O), from `state` on, and the state after them.

        None is the state that every sequence starts from, zeros.
        """
        hidden_TBH, after = self.recurrent(self.features(inputs), state)
        return self.head(hidden_TBH), after
