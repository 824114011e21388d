"""The files that a command line names: a text, or sentences and their translations."""

from pathlib import Path
from typing import Any

from core.errors import ConfigError
from core.text.parallel import ParallelText, read_parallel_file, read_parallel_files
from core.text.uploads import read_upload

PAIR_FILES = ("source", "target", "test_source", "test_target")
LEAST_TEST_PAIRS = 2


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


def read_own_text(path: Path, *, is_table: bool) -> str:
    """Return the text of a file; of a table with two columns, its pairs as one packed text.

    Raises:
        ConfigError: there is no such file, or it cannot be read.
        TextError: it cannot be used.
    """
    data = _bytes(path, "--text")
    if is_table:
        return read_parallel_file(data, path.name).packed()
    return read_upload(data, path.name).text


def _pairs(source: str, target: str, **limits: int) -> ParallelText:
    sides = [Path(source), Path(target)]
    first, second = (_bytes(path, "--set source and target") for path in sides)
    return read_parallel_files(first, sides[0].name, second, sides[1].name, **limits)


def _bytes(path: Path, option: str) -> bytes:
    if not path.is_file():
        raise ConfigError(f"There is no file {path}; {option} wants a text file.")
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
