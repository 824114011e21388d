"""What every neural classifier of texts can do, and the two simplest ways to do it.

Legend: B batch, T time, E embedding width, D width, F filters, C classes, M attention maps.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import pad, scaled_dot_product_attention

from core.data.text_batch import TextInputs
from core.models.classifiers import KERNELS
from core.models.dropout import SteadyDropout
from core.models.positions import sinusoidal_codes
from core.models.transformer_translator import Attend
from core.text.words import PAD

EMBEDDING_STD = 0.1
"""Of the words at the start: torch's 1 costs recurrent and convolutional models some points."""


class TextClassifier(nn.Module):
    """A classifier in two halves, so that gradients can be taken to the embedded words.

    `forward` is `read` after `embed`. Whatever stands behind a text's length changes nothing,
    unless the model is naive: then padding is a word like any other.
    """

    head: nn.Linear

    def __init__(
        self, vocabulary_size: int, width: int, *, dropout: float, naive: bool = False
    ) -> None:
        super().__init__()
        self.naive = naive
        self.embedding = nn.Embedding(vocabulary_size, width, padding_idx=None if naive else PAD)
        if not naive:
            nn.init.normal_(self.embedding.weight, std=EMBEDDING_STD)
            self.embedding.weight.data[PAD] = 0
        self.word_dropout = SteadyDropout(dropout / 2)
        self.dropout = SteadyDropout(dropout)

    def embed(self, words_BT: Tensor) -> Tensor:
        """Return the embedded words, (B, T, E)."""
        return self.word_dropout(self.embedding(words_BT))  # type: ignore[no-any-return]

    def read(self, features_BTE: Tensor, lengths_B: Tensor) -> Tensor:
        """Return the logits of embedded texts, (B, C)."""
        raise NotImplementedError

    def forward(self, inputs: TextInputs) -> Tensor:
        """Return the logits, (B, C)."""
        return self.read(self.embed(inputs.words_BT), inputs.lengths_B)


def real_words(lengths_B: Tensor, steps: int) -> Tensor:
    """Return which positions hold a word, (B, T)."""
    return torch.arange(steps, device=lengths_B.device) < lengths_B[:, None]


class BagClassifier(TextClassifier):
    """The mean of the embedded words, and a linear layer: a bag of words.

    Words are sorted before they are added, so that their order cannot change a single bit.
    """

    def __init__(self, vocabulary_size: int, *, width: int, classes: int, dropout: float) -> None:
        super().__init__(vocabulary_size, width, dropout=dropout)
        self.head = nn.Linear(width, classes)

    def read(self, features_BTE: Tensor, lengths_B: Tensor) -> Tensor:
        """Return the logits of embedded texts, (B, C)."""
        mask_BT = real_words(lengths_B, features_BTE.shape[1])
        mean_BE = (features_BTE * mask_BT[..., None]).sum(1) / lengths_B[:, None]
        return self.head(self.dropout(mean_BE))  # type: ignore[no-any-return]

    def forward(self, inputs: TextInputs) -> Tensor:
        """Return the logits, (B, C)."""
        descending_BT = inputs.words_BT.sort(1, descending=True).values  # padding stays behind
        return self.read(self.embed(descending_BT), inputs.lengths_B)


class ConvolutionalClassifier(TextClassifier):
    """Convolutions over 3, 4 and 5 words, the maximum over time of each (Kim 2014).

    A text shorter than a kernel has one window, filled up with zeros. The naive one looks at the
    padding too.
    """

    def __init__(
        self,
        vocabulary_size: int,
        *,
        width: int,
        filters: int,
        classes: int,
        dropout: float,
        naive: bool = False,
    ) -> None:
        super().__init__(vocabulary_size, width, dropout=dropout, naive=naive)
        self.convolutions = nn.ModuleList(nn.Conv1d(width, filters, k) for k in KERNELS)
        self.head = nn.Linear(len(KERNELS) * filters, classes)

    def windows(self, features_BTE: Tensor, lengths_B: Tensor) -> list[Tensor]:
        """Return what each filter answers to each window, (B, F, windows) a kernel; 0 for none."""
        if not self.naive:
            mask_BT = real_words(lengths_B, features_BTE.shape[1])
            features_BTE = features_BTE * mask_BT[..., None]
        short = max(0, KERNELS[-1] - features_BTE.shape[1])
        features_BET = pad(features_BTE.transpose(1, 2), (0, short))
        found = []
        for kernel, convolution in zip(KERNELS, self.convolutions, strict=True):
            answers_BFW = convolution(features_BET).relu()
            if not self.naive:
                windows_B = (lengths_B - kernel + 1).clamp(min=1)
                answers_BFW = answers_BFW * real_words(windows_B, answers_BFW.shape[2])[:, None]
            found.append(answers_BFW)
        return found

    def read(self, features_BTE: Tensor, lengths_B: Tensor) -> Tensor:
        """Return the logits of embedded texts, (B, C)."""
        best = [answers_BFW.amax(2) for answers_BFW in self.windows(features_BTE, lengths_B)]
        return self.head(self.dropout(torch.cat(best, 1)))  # type: ignore[no-any-return]


class TransformerClassifier(TextClassifier):
    """Pre-norm encoder blocks with sinusoidal positions, the mean of the words read at the end.

    Vaswani et al. 2017 (arXiv:1706.03762); Xiong et al. 2020 (arXiv:2002.04745).
    """

    def __init__(
        self,
        vocabulary_size: int,
        *,
        width: int,
        hidden: int,
        feed_forward: int,
        layers: int,
        classes: int,
        dropout: float,
    ) -> None:
        super().__init__(vocabulary_size, width, dropout=dropout)
        self.width = width
        self.project = nn.Linear(width, hidden) if hidden != width else nn.Identity()
        self.blocks = nn.ModuleList(_Block(hidden, feed_forward, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(hidden)
        self.head = nn.Linear(hidden, classes)

    def read(self, features_BTE: Tensor, lengths_B: Tensor) -> Tensor:
        """Return the logits of embedded texts, (B, C)."""
        words_BTD, mask_BT = self._started(features_BTE, lengths_B)
        for block in self.blocks:
            words_BTD = block(words_BTD, mask_BT)
        words_BTD = self.norm(words_BTD) * mask_BT[..., None]
        mean_BD = words_BTD.sum(1) / lengths_B[:, None]
        return self.head(self.dropout(mean_BD))  # type: ignore[no-any-return]

    def attention(self, features_BTE: Tensor, lengths_B: Tensor) -> Tensor:
        """Return where each word looks, (B, M, T, T): the heads of each block, rows sum to 1."""
        words_BTD, mask_BT = self._started(features_BTE, lengths_B)
        maps = []
        for block in self.blocks:
            assert isinstance(block, _Block)
            maps.append(block.weights(words_BTD, mask_BT))
            words_BTD = block(words_BTD, mask_BT)
        return torch.cat(maps, 1)

    def _started(self, features_BTE: Tensor, lengths_B: Tensor) -> tuple[Tensor, Tensor]:
        steps = features_BTE.shape[1]
        words_BTD = self.project(features_BTE * math.sqrt(self.width))
        codes_TD = sinusoidal_codes(
            torch.arange(steps, device=features_BTE.device), words_BTD.shape[2]
        )
        return self.dropout(words_BTD + codes_TD), real_words(lengths_B, steps)


class _Block(nn.Module):
    """Attention to all words and a feed-forward layer, each after a norm."""

    def __init__(self, hidden: int, feed_forward: int, dropout: float) -> None:
        super().__init__()
        self.attend = Attend(hidden)
        self.think = nn.Sequential(
            nn.Linear(hidden, feed_forward), nn.ReLU(), nn.Linear(feed_forward, hidden)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in range(2))
        self.dropout = SteadyDropout(dropout)

    def forward(self, words_BTD: Tensor, mask_BT: Tensor) -> Tensor:
        """Return the words after this block, (B, T, D)."""
        normed = self.norms[0](words_BTD)
        keys, values = self.attend.keys_values(normed)
        found = scaled_dot_product_attention(
            self.attend.queries(normed), keys, values, attn_mask=mask_BT[:, None, None]
        )
        words_BTD = words_BTD + self.dropout(self.attend.joined(found))
        return words_BTD + self.dropout(self.think(self.norms[1](words_BTD)))  # type: ignore[no-any-return]

    def weights(self, words_BTD: Tensor, mask_BT: Tensor) -> Tensor:
        """Return the attention of each head, (B, H, T, T)."""
        normed = self.norms[0](words_BTD)
        keys, _ = self.attend.keys_values(normed)
        scores = self.attend.queries(normed) @ keys.transpose(-1, -2) / math.sqrt(keys.shape[-1])
        return scores.masked_fill(~mask_BT[:, None, None], -torch.inf).softmax(-1)
