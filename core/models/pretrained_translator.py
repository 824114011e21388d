"""Pretrained translation models (Marian, T5) from a folder or the Hugging Face hub's cache.

Needs the optional package transformers, imported where it is used. Only safetensors weights are
read, and no code that comes with a model runs.
Legend: B batch, T target time, S source time, D width, V vocabulary, M attention maps.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from core.errors import ConfigError
from core.models.pretrained import KINDS
from core.models.pretrained_files import check_folder, find_folder, fingerprint
from core.models.transformers_library import import_transformers, load_folder
from core.models.translator import Decoded, DecoderState, Memory, Translator
from core.text.words import BOS, EOS, PAD, SPECIALS

_opened: dict[Any, "PretrainedTranslator"] = {}


class PretrainedTranslator(Translator):
    """A Marian or T5 model that is driven like every other translation model.

    Its vocabulary is put in this house's order: the four special ids first, then the model's own
    order. The start of a sentence is never predicted.

    Attributes:
        longest: the most pieces of a source or a target that it can read, None without limit.
        layers: of the decoder.
        maps: a name for each attention map, layer by layer.
        learned: how many numbers were learned.
        size: ids in the vocabulary.
    """

    has_attention = True
    has_start_state = False

    def __init__(self, model: Any, tokenizer: Any) -> None:
        super().__init__()
        self.model = model.eval()
        self.tokenizer = tokenizer
        config = model.config
        self.longest: int | None = getattr(config, "max_position_embeddings", None)
        is_t5 = config.model_type == "t5"
        self.layers: int = config.num_decoder_layers if is_t5 else config.decoder_layers
        heads: int = config.num_heads if is_t5 else config.decoder_attention_heads
        self.maps = [
            f"layer {layer + 1}, head {head + 1}"
            for layer in range(self.layers)
            for head in range(heads)
        ]
        self.learned = sum(weight.numel() for weight in model.parameters())
        specials = [
            config.pad_token_id,
            config.decoder_start_token_id,
            config.eos_token_id,
            tokenizer.unk_token_id,
        ]
        others = [i for i in range(config.vocab_size) if i not in specials]
        theirs_V = torch.tensor([*specials, *others])
        self.size = len(theirs_V)
        ours_V = torch.empty(config.vocab_size, dtype=torch.long)
        for ours in reversed(range(len(theirs_V))):  # padding may start a sentence too: PAD wins
            ours_V[theirs_V[ours]] = ours
        self.register_buffer("theirs_V", theirs_V, persistent=False)
        self.register_buffer("ours_V", ours_V, persistent=False)

    def source_ids(self, sentences: Sequence[str]) -> list[list[int]]:
        """Return each sentence as ids that end in EOS."""
        ids = self.tokenizer(list(sentences)).input_ids
        return [self.get_buffer("ours_V")[row].tolist() for row in ids]

    def text(self, ids: Sequence[int]) -> str:
        """Return ids as a sentence."""
        text = self.tokenizer.decode(self._theirs(ids), skip_special_tokens=True)
        return str(text).strip()

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """Return the piece of text behind each id; one that begins a word begins with "▁"."""
        pieces = self.tokenizer.convert_ids_to_tokens(self._theirs(ids))
        named = {BOS: SPECIALS[BOS], EOS: SPECIALS[EOS]}
        return [named.get(i, str(piece)) for i, piece in zip(ids, pieces, strict=True)]

    def _theirs(self, ids: Sequence[int]) -> list[int]:
        return self.get_buffer("theirs_V")[list(ids)].tolist()

    def encode(self, source_BS: Tensor) -> Memory:
        """Read the source; ids that end in EOS, padded at the end with PAD."""
        mask_BS = source_BS != PAD
        encoder = self.model.get_encoder()
        read = encoder(self.get_buffer("theirs_V")[source_BS], attention_mask=mask_BS.long())
        return Memory(mask_BS, {"states_BSD": read.last_hidden_state})

    def start(self, memory: Memory) -> DecoderState:
        """Return an empty state: everything that is known of the source is in the memory."""
        return DecoderState(0, ())

    def decode(
        self,
        words_BT: Tensor,
        memory: Memory,
        state: DecoderState,
        *,
        bias_BTS: Tensor | None = None,
        want_attention: bool = False,
    ) -> Decoded:
        """Read the words and say what comes after each; see `Translator.decode`.

        What its attention learned cannot be replaced, only blocked and forced.
        """
        assert self.override == "learned"
        transformers = import_transformers()
        states_BSD = memory.tensors["states_BSD"]
        scores_BTS = states_BSD.new_zeros(1) if bias_BTS is None else bias_BTS
        scores_BTS = scores_BTS.expand(*words_BT.shape, memory.mask_BS.shape[1])
        scores_BTS = scores_BTS.masked_fill(~memory.mask_BS[:, None], -torch.inf)
        said = self.model(
            encoder_outputs=(states_BSD,),
            attention_mask=scores_BTS[:, None],
            decoder_input_ids=self.get_buffer("theirs_V")[words_BT],
            past_key_values=_cache(transformers, state),
            use_cache=True,
            output_attentions=want_attention,
            return_dict=True,
        )
        logits_BTV = said.logits[..., self.get_buffer("theirs_V")]
        logits_BTV[..., BOS] = -torch.inf
        kept = tuple(
            tensor
            for cache in (
                said.past_key_values.self_attention_cache,
                said.past_key_values.cross_attention_cache,
            )
            for layer in cache.layers
            for tensor in (layer.keys, layer.values)
        )
        attention_BMTS = torch.cat(said.cross_attentions, 1) if want_attention else None
        return Decoded(
            logits_BTV, DecoderState(state.steps + words_BT.shape[1], kept), attention_BMTS
        )


def _cache(transformers: Any, state: DecoderState) -> Any:
    """Return what the decoder keeps of its own words and of the source, as transformers has it."""
    half = len(state.tensors) // 2
    parts = (state.tensors[:half], state.tensors[half:])
    return transformers.EncoderDecoderCache(
        *(
            transformers.DynamicCache(list(zip(part[::2], part[1::2], strict=True)))
            for part in parts
        )
    )


def open_pretrained(name: str, *, download: bool = False) -> PretrainedTranslator:
    """Return the model in the folder `name`, or of that name on the Hugging Face hub.

    The last model stays in memory until another one is opened or its files change.

    Args:
        name: a folder, or "owner/model", with "@revision" at its end where one is wanted.
        download: whether it may be fetched from the hub; otherwise only what was fetched before
            is found.

    Raises:
        DataMissingError: transformers is not installed, or there is no such folder or model.
        ConfigError: what is there is no Marian or T5 model with safetensors weights, or too large.
    """
    import_transformers()
    folder = find_folder(name.strip(), download=download)
    kind = check_folder(folder, KINDS)
    key = fingerprint(folder)
    if key not in _opened:
        _opened.clear()
        _opened[key] = _load(folder, kind)
    return _opened[key]


def _load(folder: Path, kind: str) -> PretrainedTranslator:
    model, tokenizer, missing = load_folder(
        folder, "AutoModelForSeq2SeqLM", f"a {KINDS[kind]} model", attn_implementation="eager"
    )
    if missing:
        raise ConfigError(
            f"{len(missing)} of the model's weights are not in the folder; "
            "with these left to chance its translations would mean nothing."
        )
    config = model.config
    marked = (config.pad_token_id, config.decoder_start_token_id, config.eos_token_id)
    if None in (*marked, tokenizer.unk_token_id):
        raise ConfigError(
            "The folder does not say which pieces pad, start and end a sentence, and which stands "
            "for unknown ones: it is not whole."
        )
    if not getattr(config, "share_encoder_decoder_embeddings", True):
        raise ConfigError(
            "The model has two vocabularies, one a language; only a shared one can be used here."
        )
    return PretrainedTranslator(model, tokenizer)
