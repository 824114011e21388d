"""The one builder of translation models: from a name of the catalogue to a model."""

import torch

from core.models.encoder_decoder import EncoderDecoder
from core.models.transformer_translator import TransformerTranslator
from core.models.translator import Translator
from core.models.translators import TranslatorSpec


def build_translator(
    spec: TranslatorSpec,
    *,
    source_size: int,
    target_size: int,
    hidden: int,
    layers: int = 1,
    segment: int = 10,
    longest: int = 200,
    seed: int = 0,
) -> Translator:
    """Return the model of `spec` on the CPU; equal arguments give equal weights.

    The global generator is left as it was. `source_size` and `target_size` are ids of the two
    vocabularies, `segment` the words of a piece (hierarchical models), `longest` the last
    position with a code of its own (learned positions).
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if spec.family == "transformer":
            return TransformerTranslator(
                spec.positions,
                source_size=source_size,
                target_size=target_size,
                hidden=hidden,
                layers=max(2, layers),
                longest=longest,
            )
        return EncoderDecoder(
            spec,
            source_size=source_size,
            target_size=target_size,
            hidden=hidden,
            layers=layers,
            segment=segment,
        )
