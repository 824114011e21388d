"""Models to serve on the command line: an ONNX file, or a model of a run that was kept."""

import base64
import json

import pytest
from tiny_onnx import mean_of_ids

from core.__main__ import main
from core.command_files import take_served_model
from core.errors import ConfigError
from core.labs.sentiment_config import SENTIMENT_EXAMPLE
from core.runs.journal import EventWriter
from core.runs.store import RunStore
from core.training.events import CheckpointEvent


@pytest.fixture
def run_folder(tmp_path):
    store = RunStore(tmp_path)
    run_id = store.create("sentiment", SENTIMENT_EXAMPLE, label="", text="own rows")
    writer = EventWriter(store.folder(run_id))
    writer.add(CheckpointEvent(model="lstm", step=1, state={}))
    writer.close()
    return store.folder(run_id)


def test_without_a_model_nothing_is_read_and_nothing_set():
    settings = {"size": "M"}
    assert take_served_model(settings) is None
    assert settings == {"size": "M"}


def test_a_file_is_the_source_and_comes_as_base64(tmp_path):
    path = tmp_path / "mine.onnx"
    path.write_bytes(b"\x08\x07")
    settings = {"file": str(path)}
    assert base64.b64decode(take_served_model(settings)) == b"\x08\x07"
    assert settings == {"source": "onnx"}


def test_a_folder_of_a_run_gives_its_settings_its_text_and_the_weights_of_the_model(run_folder):
    settings = {"run": str(run_folder), "model": "lstm"}
    given = json.loads(take_served_model(settings))
    assert settings == {"source": "run", "run": run_folder.name, "model": "lstm"}
    assert given["config"]["models"] == list(SENTIMENT_EXAMPLE.models)
    assert given["own_text"] == "own rows"
    assert given["checkpoint"].startswith(str(run_folder / "checkpoints"))


def test_a_model_without_weights_comes_without_a_checkpoint(run_folder):
    given = json.loads(take_served_model({"run": str(run_folder), "model": "nb-svm"}))
    assert given["checkpoint"] == ""


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"source": "onnx"}, "no file is named; name it with file=FILE"),
        ({"file": "nowhere.onnx"}, "no file nowhere.onnx; --set file wants a file in the ONNX"),
        ({"run": "nowhere", "model": "lstm"}, "nowhere is no folder of a run; run wants one that"),
    ],
)
def test_what_is_not_there_is_named(settings, message):
    with pytest.raises(ConfigError, match=message):
        take_served_model(settings)


def test_a_file_and_another_source_exclude_each_other(tmp_path):
    path = tmp_path / "mine.onnx"
    path.write_bytes(b"\x08\x07")
    with pytest.raises(ConfigError, match="Leave out source, or file"):
        take_served_model({"file": str(path), "source": "fresh"})


def test_a_file_is_served_without_a_browser(tmp_path, capsys):
    path = tmp_path / "mine.onnx"
    path.write_bytes(mean_of_ids())
    settings = ["calls=5", "requests=1000", "replayed=100", "variants=", f"file={path}"]
    assert main(["serving", "--set", *settings]) == 0
    (row,) = json.loads(capsys.readouterr().out)["results"]
    assert set(row["service_ms"]) == {"1", "2", "4", "8", "16", "32", "64", "128"}
    assert row["policies"][0]["stable"] is True


def test_a_file_of_another_kind_is_refused_before_a_run(tmp_path, capsys):
    path = tmp_path / "mine.onnx"
    path.write_bytes(b"PK\x03\x04 a zip")
    assert main(["serving", "--set", f"file={path}"]) == 2
    assert "zip archive" in capsys.readouterr().err
