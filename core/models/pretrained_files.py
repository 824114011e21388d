"""Where a pretrained model's files are: a folder, or the Hugging Face hub's cache. No torch here.

Nothing is fetched unless `download` says so, and never code or pickles.
"""

import importlib
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from core.errors import ConfigError, DataMissingError

MOST_GIGABYTES = 3.0
WEIGHTS = ".safetensors"
FETCHED = ("*.json", "*" + WEIGHTS, "*.spm", "*.model", "*.txt")
"""What is fetched of a hub repository: settings, weights and vocabularies; no code, no pickles."""
_HUB_NAME = re.compile(r"\w[\w.-]{0,95}(/\w[\w.-]{0,95})?(@\w[\w./-]{0,95})?")


def find_folder(name: str, *, download: bool) -> Path:
    """Return the folder that `name` is, or that the hub's model of that name has on this machine.

    Raises:
        DataMissingError: there is neither, and what `download` allows did not change that.
        ConfigError: the hub's model has no safetensors weights, or too large ones.
    """
    with suppress(OSError, RuntimeError):  # too long a path, or the home of nobody
        folder = Path(name).expanduser()
        if name and folder.is_dir():
            return folder.resolve()
    if not _HUB_NAME.fullmatch(name):
        raise DataMissingError(
            "There is no such folder on this machine, and a name on the Hugging Face hub is "
            "written owner/model. Give the path of a folder or such a name."
        )
    return _fetched(name, download=download)


def _fetched(name: str, *, download: bool) -> Path:
    """Return the folder in the hub's cache on this machine, filled first if `download` says so."""
    hub = importlib.import_module("huggingface_hub")
    repository, _, revision = name.partition("@")
    wanted = {
        "revision": revision or None,
        "allow_patterns": list(FETCHED),
        "token": False,  # what is not public is nobody's to open here
    }
    try:
        if download:
            with suppress(hub.errors.DryRunError):  # out of reach: it may have been fetched before
                files = hub.snapshot_download(repository, dry_run=True, **wanted)
                _check_weights([f.file_size or 0 for f in files if f.filename.endswith(WEIGHTS)])
                hub.snapshot_download(repository, **wanted)
        return Path(hub.snapshot_download(repository, local_files_only=True, **wanted))
    except (hub.errors.HfHubHTTPError, OSError, ValueError) as error:
        raise DataMissingError(
            f"The Hugging Face hub did not give '{name}': it has no such public model, or cannot "
            "be reached from here. Check the name, or give a local folder."
            if download
            else f"'{name}' is neither a folder nor in this machine's cache of the Hugging Face "
            "hub, and nothing is fetched unasked. Allow the download, or give a local folder."
        ) from error


def fingerprint(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return what changes whenever a file of the folder does: names, sizes and times."""
    return tuple(
        (str(file), file.stat().st_size, file.stat().st_mtime_ns)
        for file in sorted(folder.iterdir())
        if file.is_file()
    )


def check_folder(folder: Path, kinds: Mapping[str, str]) -> str:
    """Return which of `kinds` a folder holds, before its weights are opened.

    Raises:
        ConfigError: it is no such model, it has no safetensors weights, or too large ones.
    """
    try:
        kind = json.loads((folder / "config.json").read_text(encoding="utf-8"))["model_type"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            "The folder has no config.json that names its model_type; give the folder that "
            "save_pretrained has written."
        ) from error
    if not isinstance(kind, str) or kind not in kinds:
        names = list(kinds.values())
        raise ConfigError(
            f"The folder holds a model of type '{str(kind)[:40]}'; "
            f"it can be {', '.join(names[:-1])} or {names[-1]}."
        )
    sizes = [file.stat().st_size for file in folder.glob("*" + WEIGHTS)]
    _check_weights(sizes, has_pickles=any(folder.glob("*.bin")))
    return kind


def _check_weights(sizes: Sequence[int], *, has_pickles: bool = False) -> None:
    """Check the bytes of each file of weights; also before any of them is fetched."""
    if not sizes:
        reason = "only .bin ones, which can run code when opened" if has_pickles else "none"
        raise ConfigError(
            f"Weights in safetensors are needed, and the model has {reason}: open it where "
            "you trust it and save it with save_pretrained of today's transformers."
        )
    if sum(sizes) > MOST_GIGABYTES * 1e9:
        raise ConfigError(
            f"The weights are {sum(sizes) / 1e9:.1f} GB; the limit is {MOST_GIGABYTES:g} GB. "
            "Choose a smaller model of its family."
        )
