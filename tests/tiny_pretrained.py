"""Tiny Marian and T5 folders with random weights, as `save_pretrained` writes real ones."""

import json
import os
import shutil
import warnings

import pytest
import torch

LINES = (
    "the cat sat on the mat",
    "a dog saw the cat in the garden",
    "le chat est sur le tapis",
    "un chien a vu le chat dans le jardin",
)


def transformers_or_skip():
    """Return transformers; where it is missing the test is skipped, but not in CI."""
    if os.environ.get("CI") == "true":
        import transformers
    else:
        transformers = pytest.importorskip(
            "transformers", reason="needs pip install -r requirements-pretrained.txt"
        )
    transformers.utils.logging.disable_progress_bar()
    return transformers


def pieces_of(folder):
    """Train a sentencepiece model on a few lines; return its file and its pieces."""
    import sentencepiece

    text = folder / "lines.txt"
    text.write_text("\n".join(LINES * 20), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(text),
        model_prefix=str(folder / "pieces"),
        vocab_size=64,
        hard_vocab_limit=False,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        minloglevel=2,
    )
    path = folder / "pieces.model"
    model = sentencepiece.SentencePieceProcessor(model_file=str(path))
    return path, [model.id_to_piece(i) for i in range(model.get_piece_size())]


def save_marian(folder, *, seed=0):
    """Write a tiny Marian model with its tokenizer; its padding comes last, as Marian has it."""
    transformers = transformers_or_skip()
    folder.mkdir(parents=True)
    path, pieces = pieces_of(folder)
    specials = ("</s>", "<unk>", "<pad>")
    words = [*specials[:2], *[p for p in pieces if p not in specials], specials[2]]
    vocabulary = folder / "vocab.json"
    vocabulary.write_text(json.dumps({piece: i for i, piece in enumerate(words)}), "utf-8")
    for side in ("source.spm", "target.spm"):
        shutil.copy(path, folder / side)
    config = transformers.MarianConfig(
        vocab_size=len(words),
        d_model=16,
        encoder_layers=1,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        max_position_embeddings=96,
        pad_token_id=len(words) - 1,
        eos_token_id=0,
        decoder_start_token_id=len(words) - 1,
        init_std=0.5,
    )
    torch.manual_seed(seed)
    transformers.MarianMTModel(config).save_pretrained(folder)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Recommended: pip install sacremoses")
        transformers.MarianTokenizer(
            source_spm=str(folder / "source.spm"),
            target_spm=str(folder / "target.spm"),
            vocab=str(vocabulary),
        ).save_pretrained(folder)
    return folder


def save_t5(folder, *, seed=0):
    """Write a tiny T5 model with its tokenizer."""
    transformers = transformers_or_skip()
    folder.mkdir(parents=True)
    path, pieces = pieces_of(folder)
    shutil.copy(path, folder / "spiece.model")
    config = transformers.T5Config(
        vocab_size=len(pieces) + 4,  # T5 pads its vocabulary with rows that stand for nothing
        d_model=16,
        d_kv=8,
        d_ff=32,
        num_layers=2,
        num_heads=2,
        pad_token_id=0,
        eos_token_id=1,
        decoder_start_token_id=0,
        initializer_factor=2.0,
    )
    torch.manual_seed(seed)
    transformers.T5ForConditionalGeneration(config).save_pretrained(folder)
    transformers.T5Tokenizer.from_pretrained(folder, extra_ids=0).save_pretrained(folder)
    return folder


SAVE = {"marian": save_marian, "t5": save_t5}
