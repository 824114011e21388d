"""The optional package transformers, imported where it is used: only weights are read, no code."""

import importlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from core.errors import ConfigError, DataMissingError
from core.models.pretrained import INSTALL


def import_transformers() -> Any:
    """Return the package transformers.

    Raises:
        DataMissingError: it is not installed.
    """
    try:
        with _quiet():
            return importlib.import_module("transformers")
    except ModuleNotFoundError as error:
        raise DataMissingError(INSTALL) from error


def load_folder(folder: Path, loader: str, what: str, **settings: str) -> tuple[Any, Any, set[str]]:
    """Return a folder's model and tokenizer, and the names of weights that it does not have.

    Args:
        folder: as `save_pretrained` writes it.
        loader: the class of transformers that opens the model.
        what: it is to be opened as, in words.
        settings: for the loader.

    Raises:
        DataMissingError: transformers is not installed.
        ConfigError: the folder cannot be opened so, or model and tokenizer do not fit.
    """
    transformers = import_transformers()
    transformers.utils.logging.disable_progress_bar()
    safe = {"local_files_only": True, "trust_remote_code": False}
    try:
        with _quiet():
            tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder), **safe)
            model, report = getattr(transformers, loader).from_pretrained(
                str(folder),
                use_safetensors=True,
                dtype=torch.float32,
                output_loading_info=True,
                **safe,
                **settings,
            )
    except Exception as error:  # whatever a library thinks of files that a person gave
        raise ConfigError(
            f"The folder cannot be opened as {what} ({type(error).__name__}): files "
            "are missing or damaged. Save the model and its tokenizer into it again."
        ) from error
    if len(tokenizer) > model.config.vocab_size:
        raise ConfigError(
            f"The tokenizer knows {len(tokenizer)} pieces and the model {model.config.vocab_size}: "
            "they are not of the same model."
        )
    for weight in model.parameters():  # mapped from the file: whoever writes it writes the model
        weight.data = weight.data.clone()
    return model, tokenizer, set(report["missing_keys"])


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave out what libraries say of others that are not needed here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Recommended: pip install sacremoses")
        warnings.filterwarnings("ignore", message="builtin type Swig", category=DeprecationWarning)
        yield
