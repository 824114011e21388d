"""One call for every pretrained encoder: the packaged one, a folder, or a name on the hub."""

from typing import Any

from core.models.bert_encoder import load_minilm
from core.models.hub_encoder import load_hub_encoder
from core.models.pretrained import ENCODERS
from core.models.pretrained_files import check_folder, find_folder, fingerprint
from core.models.sentence_encoder import SentenceEncoder
from core.models.transformers_library import import_transformers

MOST_PIECES = 256
_opened: dict[Any, SentenceEncoder] = {}


def open_encoder(
    name: str = "", *, most_pieces: int = MOST_PIECES, download: bool = False
) -> SentenceEncoder:
    """Return the packaged MiniLM, or the encoder in a folder or of a name on the Hugging Face hub.

    The last one stays in memory until another one is opened or its files change.

    Args:
        name: empty for MiniLM, else a folder, or "owner/model", with "@revision" at its end where
            one is wanted.
        most_pieces: after so many pieces a text is cut; sooner where it reads fewer.
        download: whether it may be fetched from the hub; otherwise only what was fetched before
            is found.

    Raises:
        DataMissingError: what it needs is not installed, or there is no such folder or model.
        ConfigError: what is there is no encoder with safetensors weights, or too large.
    """
    name = name.strip()
    if not name:
        key: Any = most_pieces
        if key not in _opened:
            _keep(key, load_minilm(most_pieces=most_pieces))
        return _opened[key]
    import_transformers()
    folder = find_folder(name, download=download)
    check_folder(folder, ENCODERS)
    key = (fingerprint(folder), most_pieces)
    if key not in _opened:
        title = name.rstrip("/").rpartition("/")[2]
        _keep(key, load_hub_encoder(folder, title=title, most_pieces=most_pieces))
    return _opened[key]


def _keep(key: Any, encoder: SentenceEncoder) -> None:
    _opened.clear()
    _opened[key] = encoder
