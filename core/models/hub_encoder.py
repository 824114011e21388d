"""Any other pretrained encoder, through the optional package transformers.

Legend: B batch, T time (pieces), D width, M attention maps.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import ConfigError
from core.models.sentence_encoder import PieceInputs, Pieces, SentenceEncoder, inside
from core.models.transformers_library import load_folder


class HubEncoder(SentenceEncoder):
    """A model of transformers without its pooler, which is read as any other encoder is.

    It is read as a whole: what its lower layers say cannot be kept between passes.
    """

    def __init__(self, model: Any, tokenizer: Any, *, title: str, most_pieces: int) -> None:
        config = model.config
        longest = config.max_position_embeddings - 2  # some families count positions from 2
        super().__init__(most_pieces=most_pieces, longest=longest)
        if getattr(model, "pooler", None) is not None:
            model.pooler = None
        self.model = model
        self.tokenizer = tokenizer
        self.title = title
        self.width = int(config.hidden_size)
        self.padding = int(tokenizer.pad_token_id)
        self.maps = [
            f"layer {layer + 1}, head {head + 1}"
            for layer in range(config.num_hidden_layers)
            for head in range(config.num_attention_heads)
        ]
        self.requires_grad_(False).eval()

    def forward(self, inputs: PieceInputs) -> Tensor:
        """Return the state of every piece, (B, T, D); those of padding mean nothing."""
        return self._read(inputs).last_hidden_state  # type: ignore[no-any-return]

    def attention(self, inputs: PieceInputs) -> Tensor:
        """Return how much each piece looks at each, (B, M, T, T): a row sums to 1."""
        usual = self.model.config._attn_implementation
        self.model.set_attn_implementation("eager")  # the others do not tell
        try:
            return torch.cat(self._read(inputs, output_attentions=True).attentions, dim=1)
        finally:
            self.model.set_attn_implementation(usual)

    def _read(self, inputs: PieceInputs, **wanted: bool) -> Any:
        mask_BT = inside(inputs.lengths_B, inputs.pieces_BT.shape[1])
        return self.model(input_ids=inputs.pieces_BT, attention_mask=mask_BT.long(), **wanted)

    def blocks(self) -> Sequence[nn.Module]:
        """Return the layers from the lowest to the highest.

        Raises:
            ConfigError: this architecture has none that could learn alone.
        """
        layers = self.model.config.num_hidden_layers
        for module in self.model.modules():
            if isinstance(module, nn.ModuleList) and len(module) == layers:
                return list(module)
        raise ConfigError(
            "The layers of this encoder share their weights, so its top ones cannot be tuned "
            "alone. Choose frozen features or full fine-tuning."
        )

    @property
    def table(self) -> nn.Embedding:
        """The vectors of the pieces."""
        return self.model.get_input_embeddings()  # type: ignore[no-any-return]

    def names(self, pieces: Pieces) -> list[str]:
        """Return the piece of text behind each id."""
        return [str(name) for name in self.tokenizer.convert_ids_to_tokens(list(pieces))]

    def _ids(self, texts: list[str]) -> list[Pieces]:
        read = self.tokenizer(texts, truncation=True, max_length=self.most_pieces + 1)
        return list(read.input_ids)


def load_hub_encoder(folder: Path, *, title: str, most_pieces: int) -> HubEncoder:
    """Return the encoder in a folder as `save_pretrained` writes it.

    Raises:
        DataMissingError: transformers is not installed.
        ConfigError: the folder is not whole.
    """
    model, tokenizer, missing = load_folder(folder, "AutoModel", "a sentence encoder")
    if missing := {name for name in missing if not name.startswith("pooler.")}:
        raise ConfigError(
            f"{len(missing)} of the encoder's weights are not in the folder; "
            "with these left to chance its states would mean nothing."
        )
    if tokenizer.pad_token_id is None or not tokenizer("").input_ids:
        raise ConfigError(
            "The tokenizer in the folder does not say which pieces pad, start and end a text: "
            "it is not whole, or not that of an encoder."
        )
    return HubEncoder(model, tokenizer, title=title, most_pieces=most_pieces)
