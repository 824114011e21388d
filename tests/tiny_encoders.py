"""Tiny encoders with random weights: our own BERT, and folders as `save_pretrained` writes them."""

import torch
from tiny_pretrained import transformers_or_skip

from core.models.bert_encoder import BertEncoder, BertSizes

WORDS = ("good", "bad", "film", "plot", "not", "the", "a", "is", "very", "dull")
TEXTS = (
    "the film is good",
    "bad",
    "the plot is not very good",
    "a dull film",
    "a very very very good film",
    "not bad",
)


def tiny_tokenizer():
    """Return a tokenizer of ten words that marks the start and the end of a text."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    pieces = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS)
    vocabulary = {piece: i for i, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return tokenizer


def tiny_bert(*, layers=4, most_pieces=12, seed=0):
    """Return our own BERT, 16 wide, with weights large enough that every piece tells."""
    sizes = BertSizes(
        vocab_size=4 + len(WORDS),
        hidden_size=16,
        num_attention_heads=2,
        num_hidden_layers=layers,
        intermediate_size=32,
        max_position_embeddings=24,
        layer_norm_eps=1e-12,
    )
    encoder = BertEncoder(sizes, tiny_tokenizer(), title="tiny", most_pieces=most_pieces)
    generator = torch.Generator().manual_seed(seed)
    for name, weight in encoder.named_parameters():
        if "norm" not in name:
            weight.data.normal_(0, 0.5, generator=generator)
    return encoder


def save_encoder(folder, kind, **settings):
    """Write a tiny encoder of a kind that transformers knows, with its tokenizer."""
    transformers = transformers_or_skip()
    usual = {
        "vocab_size": 4 + len(WORDS),
        "hidden_size": 16,
        "num_hidden_layers": 4,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "max_position_embeddings": 26,
        "pad_token_id": 0,
        "initializer_range": 0.5,
    }
    names = {"num_hidden_layers": "n_layers", "num_attention_heads": "n_heads"}
    names |= {"hidden_size": "dim", "intermediate_size": "hidden_dim"}
    if kind == "distilbert":
        usual = {names.get(name, name): value for name, value in usual.items()}
    special = {"modernbert": {"cls_token_id": 2, "sep_token_id": 3}}.get(kind, {})
    marks = {"bos_token_id": 2, "eos_token_id": 3}
    config = transformers.AutoConfig.for_model(kind, **usual, **marks, **special, **settings)
    torch.manual_seed(0)
    transformers.AutoModel.from_config(config).save_pretrained(folder)
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tiny_tokenizer(),
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
    ).save_pretrained(folder)
    return folder
