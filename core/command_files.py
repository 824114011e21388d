"""The files that a command line names: a text, pairs, labelled texts, or a model to serve."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, assert_never

from core.errors import ConfigError, SeqScopeError
from core.runs.record import RunRecord
from core.runs.store import read_config, read_text
from core.serving.onnx_upload import check_bytes
from core.text.labelled import LabelledText, read_labelled_file
from core.text.parallel import ParallelText, read_parallel_file, read_parallel_files
from core.text.uploads import read_upload

PAIR_FILES = ("source", "target", "test_source", "test_target")
LABELLED_FILES = ("train", "test")
LEAST_TEST_PAIRS = 2

TextKind = Literal["plain", "pairs", "labelled"]
"""What a file is read as."""


def take_pair_files(settings: dict[str, Any]) -> str | None:
    """Take `PAIR_FILES` out of `settings`; return what stands in them as one packed text.

    None where none of them is set. `settings` then says that the task is the visitor's own.

    Raises:
        ConfigError: a file is missing, or set without its other half.
        TextError: they cannot be used.
    """
    files = {name: settings.pop(name) for name in PAIR_FILES if name in settings}
    if not files:
        return None
    for one, other in (("source", "target"), ("test_source", "test_target")):
        if (one in files) != (other in files):
            missing = other if one in files else one
            raise ConfigError(f"{missing} is not set; {one} and {other} go together.")
    if "source" not in files:
        raise ConfigError("source and target are not set; a test needs pairs to train on.")
    settings.setdefault("task", "own")
    pairs = _pairs(files["source"], files["target"])
    if "test_source" in files:
        test = _pairs(files["test_source"], files["test_target"], least_pairs=LEAST_TEST_PAIRS)
        pairs = pairs.with_test(test)
    return pairs.packed()


def take_labelled_files(settings: dict[str, Any]) -> str | None:
    """Take `LABELLED_FILES` out of `settings`; return what stands in them as one packed text.

    None where neither is set. `settings` then says that the source is the visitor's own; with
    `test` alone, that models of a built-in source are tested on it.

    Raises:
        ConfigError: a file is missing, or the settings name another source for it.
        TextError: they cannot be used.
    """
    files = {name: settings.pop(name) for name in LABELLED_FILES if name in settings}
    if not files:
        return None
    if "train" not in files:
        return _labelled_test(settings, files["test"])
    if settings.setdefault("source", "own") != "own":
        raise ConfigError(
            f"train names a file and source is '{settings['source']}'; train on one of them. "
            "Leave out source, or train."
        )
    labelled = _labelled(files["train"], "train")
    if "test" in files:
        _require_test_source(settings, "same")
        labelled = labelled.with_test(_labelled(files["test"], "test", to_test=True))
    return labelled.packed()


def _labelled_test(settings: dict[str, Any], test: str) -> str:
    if settings.get("source", "own") == "own":
        raise ConfigError(
            "test is set and nothing to train on. Name your own file with train=FILE, or a "
            "built-in source, as source=mr."
        )
    _require_test_source(settings, "own")
    settings["test_source"] = "own"
    return _labelled(test, "test", to_test=True).as_test().packed()


def _require_test_source(settings: Mapping[str, Any], wanted: str) -> None:
    if settings.get("test_source", wanted) != wanted:
        raise ConfigError(
            f"test names a file and test_source is '{settings['test_source']}'; test on one of "
            "them. Leave out test_source, or test."
        )


def take_served_model(settings: dict[str, Any]) -> str | None:
    """Return the model that `settings` name as what a serving run is given with, None for none.

    `file`, an ONNX file, is taken out of them and is given as base64; `run`, the folder of a
    sentiment run that was kept, as JSON of its settings, its own text and its weights of `model`.

    Raises:
        ConfigError: the file or the folder is not there, or `source` names another one.
        TextError: the file is none in the ONNX format.
    """
    if "file" in settings:
        data = _bytes(Path(settings.pop("file")), "--set file", "a file in the ONNX format")
        if settings.setdefault("source", "onnx") != "onnx":
            raise ConfigError(
                f"file names an ONNX file and source is '{settings['source']}'; serve one of them. "
                "Leave out source, or file."
            )
        check_bytes(data)
        return base64.b64encode(data).decode("ascii")
    if settings.get("source") == "onnx":
        raise ConfigError("source is 'onnx' and no file is named; name it with file=FILE.")
    if "run" not in settings or settings.setdefault("source", "run") != "run":
        return None
    folder = Path(settings["run"])
    settings["run"] = folder.name
    return _stored_model(folder, settings.get("model", ""))


def _stored_model(folder: Path, model: str) -> str:
    record = RunRecord(folder)
    try:
        record.refresh()
        config, own_text = read_config(folder), read_text(folder)
    except (OSError, ValueError, KeyError, SeqScopeError) as error:
        raise ConfigError(
            f"{folder} is no folder of a run; run wants one that --out kept, as run=FOLDER/runs/ID."
        ) from error
    files = {each["model"]: str(folder / each["file"]) for each in record.checkpoints}
    stored = {"config": config, "own_text": own_text, "checkpoint": files.get(model, "")}
    return json.dumps(stored)


def read_own_text(path: Path, *, kind: TextKind) -> str:
    """Return the text of a file; of pairs and of labelled texts, as one packed text.

    Raises:
        ConfigError: there is no such file, or it cannot be read.
        TextError: it cannot be used.
    """
    data = _bytes(path, "--text")
    match kind:
        case "plain":
            return read_upload(data, path.name).text
        case "pairs":
            return read_parallel_file(data, path.name).packed()
        case "labelled":
            return read_labelled_file(data, path.name).packed()
        case _:
            assert_never(kind)


def _labelled(path: str, setting: str, *, to_test: bool = False) -> LabelledText:
    data = _bytes(Path(path), f"--set {setting}")
    return read_labelled_file(data, Path(path).name, to_test=to_test)


def _pairs(source: str, target: str, **limits: int) -> ParallelText:
    sides = [Path(source), Path(target)]
    first, second = (_bytes(path, "--set source and target") for path in sides)
    return read_parallel_files(first, sides[0].name, second, sides[1].name, **limits)


def _bytes(path: Path, option: str, wanted: str = "a text file") -> bytes:
    if not path.is_file():
        raise ConfigError(f"There is no file {path}; {option} wants {wanted}.")
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
