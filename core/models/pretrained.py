"""Whether pretrained models can be opened here. No torch here: the server asks."""

import importlib.util

INSTALL = (
    "Pretrained models need the package transformers, which is not installed here: "
    "run `pip install -r requirements-pretrained.txt` and start SeqScope again."
)
KINDS = {"marian": "Marian", "t5": "T5"}
"""What can be opened to translate, by the model_type of its config.json."""
ENCODERS = {
    "bert": "BERT",
    "roberta": "RoBERTa",
    "distilbert": "DistilBERT",
    "mpnet": "MPNet",
    "electra": "ELECTRA",
    "albert": "ALBERT",
    "deberta-v2": "DeBERTa (v2, v3)",
    "xlm-roberta": "XLM-RoBERTa",
    "camembert": "CamemBERT",
    "modernbert": "ModernBERT",
}
"""What can be opened to classify."""


def is_installed() -> bool:
    """Return whether the optional package that opens pretrained models is there."""
    return importlib.util.find_spec("transformers") is not None
