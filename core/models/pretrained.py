"""Whether pretrained models can be opened here. No torch here: the server asks."""

import importlib.util

INSTALL = (
    "Pretrained models need the package transformers, which is not installed here: "
    "run `pip install -r requirements-pretrained.txt` and start SeqScope again."
)
KINDS = {"marian": "Marian", "t5": "T5"}
"""What can be opened, by the model_type of its config.json."""


def is_installed() -> bool:
    """Return whether the optional package that opens pretrained models is there."""
    return importlib.util.find_spec("transformers") is not None
