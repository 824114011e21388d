import json

import pandas as pd
import pytest

from core.__main__ import main
from core.claims.checker import EXPERIMENTS
from core.errors import DataMissingError
from core.runs.record import open_record
from core.runs.store import RunStore

FLOW = ["--set", "hidden=16", "--set", "lag=10", "--set", "updates=3"]
TEXT = "the quick brown fox jumps over the lazy dog.\n" * 30


@pytest.fixture
def text_file(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def ask(capsys):
    """Run the command line; return its exit status, its strict JSON (or None) and its stderr."""

    def ask(*arguments):
        status = main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        return status, json.loads(out, parse_constant=_refuse) if out else None, err

    return ask


def _refuse(constant):
    raise AssertionError(f"{constant} is not strict JSON")


def test_a_lab_prints_one_json_object_and_its_progress_beside_it(ask):
    status, result, progress = ask("gradient-flow", *FLOW, "--device", "cpu", "--seed", 7)
    assert status == 0
    assert set(result) == {"lab", "signature", "device", "seconds", "results"}
    assert result["lab"] == "gradient-flow"
    assert result["device"] == "cpu"
    assert "seed=7" in result["signature"]
    assert [row["model"] for row in result["results"]] == ["rnn", "lstm-chrono"]
    assert "gradient-flow: 3 of 3" in progress


def test_numbers_that_are_not_finite_are_null(ask):
    settings = ["models=lstm", "optimizer=sgd", "learning_rate=10", "clip=0", "updates=60"]
    asked = [part for setting in settings for part in ("--set", setting)]
    status, result, progress = ask("gradient-flow", *FLOW, *asked, "--device", "cpu")
    assert status == 0
    assert result["results"][0]["r2_at_lag"] is None
    assert "lstm loss or gradient became" in progress


def test_the_same_seed_prints_the_same_numbers(ask):
    one, again = (ask("gradient-flow", *FLOW, "--device", "cpu")[1] for _ in range(2))
    assert one["results"] == again["results"]


def test_claims_print_their_verdicts(ask):
    status, result, progress = ask("claims", "--only", "2", "29")
    assert status == 0
    assert [(row["id"], row["verdict"]) for row in result["results"]] == [
        (2, "refuted"),
        (29, "refuted"),
    ]
    assert "claim 29: refuted; after one inf" in progress
    assert "   29  refuted" in progress
    assert "2 claims: 0 supported, 2 refuted, 0 depends; " in progress


def test_a_claim_that_cannot_be_run_is_named_and_the_verdicts_of_the_others_are_printed(
    ask, monkeypatch
):
    def missing(seed):
        raise DataMissingError("A package is not installed: install it.")

    monkeypatch.setitem(EXPERIMENTS, 2, missing)
    status, result, progress = ask("claims", "--set", "only=2,29")
    assert status == 1
    assert [row["id"] for row in result["results"]] == [29]
    assert "seqscope: Claim 2 could not be run. A package is not installed" in progress


@pytest.fixture
def opinions(tmp_path):
    """Two labelled files: one to train on, one to test on."""
    paths = tmp_path / "train.csv", tmp_path / "test.csv"
    for path, count in zip(paths, (60, 10), strict=True):
        rows = (f'"wonderful, {i} times",good\nboring {i} times,bad' for i in range(count))
        path.write_text("\n".join(["review,opinion", *rows]), encoding="utf-8")
    return paths


def test_classifiers_learn_and_are_tested_on_own_files(ask, opinions):
    settings = ["models=majority,nb-svm,bag-of-words", "folds=2", "epochs=2", "least_count=1"]
    files = [f"train={opinions[0]}", f"test={opinions[1]}"]
    status, result, _ = ask("sentiment", "--set", *settings, *files, "--device", "cpu")
    assert status == 0
    assert [row["name"] for row in result["results"]] == ["majority", "nb-svm", "bag-of-words"]
    for row in result["results"]:
        assert row["n"] == 20
        assert set(row["latency_ms"]) == {"1", "8", "32"}
    assert result["results"][1]["accuracy"] == 1
    status, again, _ = ask("sentiment", "--set", "models=nb-svm", "--text", opinions[0])
    assert status == 0
    assert "on: your own labelled texts" in again["signature"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gradient-flow", "--set", "lag=5"], "lag is 5; it must be from 10 to 1000"),
        (["gradient-flow", "--set", "lag"], "--set got 'lag'; it wants KEY=VALUE"),
        (["gradient-flow", "--set", "epochs=5"], "no setting 'epochs'; it has: task, models"),
        (["gradient-flow", "--set", "models=elman"], "no model 'elman'; choose from rnn"),
        (["gradient-flow", "--set", "lag=ten"], "lag is 'ten'; it must be a whole number"),
        (["clipping", "--seed", "-1"], "seed is -1; it must be from 0"),
        (["clipping", "--device", "tpu"], "The device is 'tpu'; it must be one of auto"),
        (["clipping", "--set", "corpus=own"], "No text of your own was given"),
        (["clipping", "--text", "/nowhere.txt"], "no file /nowhere.txt; --text wants a text file"),
        (["clipping", "--only", "2"], "--only chooses claims; clipping has none"),
        (["claims", "--only", "x"], "only is 'x'; it must be a whole number"),
        (["claims", "--set", "only=99"], "no claim 99; those that can be run are 1, 2"),
    ],
)
def test_what_cannot_be_started_exits_with_2_and_says_what_is_allowed(ask, arguments, message):
    status, result, told = ask(*arguments)
    assert (status, result) == (2, None)
    assert told.startswith("seqscope: ")
    assert message in told


def test_an_unknown_lab_lists_those_there_are(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["attention"])
    assert stopped.value.code == 2
    assert "gradient-flow" in capsys.readouterr().err


def test_a_text_of_ones_own_is_trained_on(ask, text_file):
    small = [*FLOW[:2], "--set", "window=10", "--set", "updates=3", "--device", "cpu"]
    status, result, _ = ask("clipping", *small, "--text", text_file)
    assert status == 0
    assert "your own text" in result["signature"]


def test_a_text_given_to_the_race_is_what_it_trains_on(ask, text_file):
    status, result, _ = ask("gradient-flow", *FLOW, "--device", "cpu", "--text", text_file)
    assert status == 0
    assert "your own text" in result["signature"]
    assert result["results"][0]["nats_per_character_at_lag"] > 0


def test_a_text_too_short_is_told_and_not_quoted(ask, text_file):
    text_file.write_text("a secret sentence, " * 20, encoding="utf-8")
    status, _, told = ask("clipping", "--text", text_file)
    assert status == 2
    assert "windows of 50 need" in told
    assert "secret" not in told


def test_a_run_is_kept_where_it_is_asked_for_with_its_tables(ask, tmp_path):
    status, _, told = ask("gradient-flow", *FLOW, "--device", "cpu", "--out", tmp_path / "kept")
    assert status == 0
    store = RunStore(tmp_path / "kept")
    (summary,) = store.listing("")
    assert (summary.lab, summary.state) == ("gradient-flow", "done")
    assert summary.id in told
    tables = store.folder(summary.id) / "tables"
    series = pd.read_csv(tables / "series.csv")
    assert series["step"].tolist() == [1, 2, 3] * 2
    assert set(series["model"]) == {"rnn", "lstm-chrono"}
    flow = pd.read_csv(tables / "gradient_flow.csv")
    assert {"distance", "textbook_log10", "exact_h_log10"} <= set(flow.columns)
    assert open_record(store, summary.id).step == 3


def test_a_run_that_fails_is_kept_as_failed_with_its_cause(ask, text_file, tmp_path):
    text_file.write_text("a text too short " * 20, encoding="utf-8")
    status, _, _ = ask("clipping", "--text", text_file, "--out", tmp_path / "kept")
    assert status == 2
    (summary,) = RunStore(tmp_path / "kept").listing("")
    assert summary.state == "failed"
    assert "windows of 50 need" in summary.cause


@pytest.mark.parametrize(
    "settings", [["gradient-flow", "--set", "task=analog-memory"], ["claims", "--set", "only=2"]]
)
def test_a_text_that_would_not_be_read_is_refused(ask, text_file, settings):
    status, _, told = ask(*settings, "--text", text_file)
    assert status == 2
    assert "leave --text out" in told


def test_a_folder_that_cannot_be_one_is_told(ask, text_file):
    status, _, told = ask("gradient-flow", *FLOW, "--device", "cpu", "--out", text_file)
    assert status == 2
    assert f"No run can be kept in {text_file}" in told


def test_nothing_is_written_without_being_asked(ask, tmp_path):
    ask("gradient-flow", *FLOW, "--device", "cpu")
    assert list(tmp_path.iterdir()) == []


def test_the_lab_may_stand_after_its_settings(capsys):
    assert main([*FLOW, "--device", "cpu", "gradient-flow"]) == 0
    assert '"lab": "gradient-flow"' in capsys.readouterr().out
