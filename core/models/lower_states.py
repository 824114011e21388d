"""States of texts under an encoder's top layers: computed once, read by every fold.

Legend: B batch, T time (pieces), D width.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from core.device import fast_arithmetic, fast_precision
from core.models.bert_encoder import BertEncoder
from core.models.sentence_encoder import READ_AT_ONCE, Pieces

MOST_MEGABYTES = 1_500


class LowerStates:
    """The states under the layer `below` of an encoder whose lower layers do not learn.

    They are kept as far as they fit, in bfloat16 where the CPU multiplies in it (about half a
    percent off); what was not kept is computed whenever it is read.
    """

    def __init__(self, encoder: BertEncoder, *, below: int) -> None:
        self.encoder = encoder
        self.below = below
        self._precision = fast_precision(encoder.device)
        self._kept: dict[Pieces, Tensor] = {}
        self._room = int(MOST_MEGABYTES * 1e6) // (encoder.width * self._precision.itemsize)

    def fill(self, texts: Sequence[str]) -> Iterator[int]:
        """Compute the states of texts, and say after each batch how many texts are done."""
        rows = [tuple(row) for row in self.encoder.encode(texts)]
        missing = sorted(set(rows).difference(self._kept), key=lambda row: (len(row), row))
        done = len(rows) - len(missing)
        for start in range(0, len(missing), READ_AT_ONCE):
            batch = missing[start : start + READ_AT_ONCE]
            self._room -= sum(map(len, batch))
            if self._room < 0:
                return
            self._kept.update(zip(batch, self._compute(batch), strict=True))
            done += len(batch)
            yield done

    def read(self, rows: Sequence[Pieces]) -> tuple[Tensor, Tensor]:
        """Return the states of texts as one batch (B, T, D) in float32, and their lengths (B,)."""
        keys = [tuple(row) for row in rows]
        missing = [key for key in keys if key not in self._kept]
        computed = dict(zip(missing, self._compute(missing), strict=True)) if missing else {}
        states = [computed[key] if key in computed else self._kept[key] for key in keys]
        lengths_B = torch.tensor([len(key) for key in keys], device=self.encoder.device)
        return pad_sequence(states, batch_first=True).float(), lengths_B

    @torch.no_grad()
    def _compute(self, rows: Sequence[Pieces]) -> list[Tensor]:
        inputs = self.encoder.inputs(rows)
        with fast_arithmetic(self.encoder.device):
            states_BTD = self.encoder.embed(inputs)
            states_BTD = self.encoder.run(states_BTD, inputs.lengths_B, last=self.below)
        kept_BTD = states_BTD.to(self._precision)
        return [
            states_TD[: len(row)].clone() for states_TD, row in zip(kept_BTD, rows, strict=True)
        ]
