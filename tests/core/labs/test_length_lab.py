"""The length lab, headless: small runs, their tables and what they say."""

import json
import math
from functools import lru_cache

import pytest
import torch
from lab_runs import LabRun

from core.__main__ import main
from core.errors import TextError
from core.labs import length
from core.labs.length_board import REMEDY_COLUMNS
from core.labs.length_config import LENGTHS, LengthConfig
from core.labs.remedies import REMEDIES
from core.training.dials import Dials

TINY = {
    "hidden": 16,
    "updates": 4,
    "batch_size": 2,
    "sequences": 16,
    "seeds": 2,
    "shortest": 5,
    "longest": 10,
    "device": "cpu",
    "remedies": (),
}
TEXT = "the quick brown fox jumps over the lazy dog; a small text of one's own.\n" * 80
ROWS = "\n".join(
    json.dumps([f"a film number {at} that is {word} to see", word])
    for at in range(40)
    for word in ("good", "bad")
)
TRIED = ("variable-lengths", "tbptt", "chunked-fresh", "robust-as-written", "transformer")
GENERATED = ("count", "bounded-walk", "majority", "modulo", "anbn")


@lru_cache
def ran(text=None, **settings):
    return LabRun(length.run(LengthConfig(**{**TINY, **settings}), text=text))


def remedied():
    return ran(remedies=TRIED)


def rows_of(run):
    columns = run.of("table", name="remedies")[-1].columns
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


@pytest.mark.parametrize("task", GENERATED)
def test_every_generated_task_is_scored_at_all_lengths(task):
    run = ran(task=task, updates=2, seeds=1)
    (row,) = run.result.results
    assert list(row["accuracy"]) == [str(each) for each in LENGTHS]
    assert all(0 <= score <= 1 for score in row["accuracy"].values())
    assert (row["model"], row["remedy"], row["updates"]) == ("lstm-bias", "none", 2)


def test_the_curve_is_told_while_it_learns_and_at_the_end():
    run = ran(models=("lstm-bias", "gru"), updates=40)
    for model in ("lstm-bias", "gru"):
        told = run.of("table", name="curve", model=model)
        steps = [event.step for event in told]
        assert steps[0] < 10
        assert steps == sorted(steps)
        assert len(steps) > 4
        assert steps[-1] == 40
        assert run.rows[model]["accuracy"]["100"] == told[-1].columns["score"][4]
        seeds = run.of("table", name="seeds", model=model)[-1].columns["seed"]
        assert set(seeds) == {0, 1}


def test_states_are_traced_before_and_after():
    run = ran(models=("lstm-bias", "gru"), updates=40)
    first, last = run.of("table", name="trace", model="gru")
    assert (first.step, last.step) == (0, 40)
    assert first.columns["hidden_norm"] != last.columns["hidden_norm"]
    assert last.columns["position"][-1] == LENGTHS[-1]


def test_losses_and_weights_are_those_of_the_first_seed():
    run = ran(models=("lstm-bias", "gru"), updates=40)
    assert len(run.column("gru", "loss")) == 40
    assert [event.model for event in run.of("checkpoint")] == ["lstm-bias", "gru"]


def test_the_same_config_gives_the_same_run():
    again = LabRun(length.run(LengthConfig(**TINY)))
    assert again.rows["lstm-bias"]["accuracy"] == ran().rows["lstm-bias"]["accuracy"]
    assert again.column("lstm-bias", "loss") == ran().column("lstm-bias", "loss")


def test_a_model_is_the_same_whoever_learns_beside_it():
    both = ran(models=("lstm-bias", "gru"), updates=4)
    assert both.column("lstm-bias", "loss") == ran().column("lstm-bias", "loss")


def test_every_remedy_has_a_row_for_each_budget_and_length():
    found = {(row["remedy"], row["budget"]) for row in rows_of(remedied())}
    trained = {
        (name, budget)
        for name in ("more-training", "variable-lengths", "tbptt", "transformer")
        for budget in ("updates", "compute")
    }
    read = {(name, "none") for name in ("none", "chunked-fresh", "robust-as-written")}
    assert found == trained | read
    assert len(rows_of(remedied())) == len(found) * len(LENGTHS)
    assert tuple(remedied().of("table", name="remedies")[-1].columns) == REMEDY_COLUMNS


def test_rows_appear_one_remedy_after_the_other():
    tables = remedied().of("table", name="remedies")
    assert [len(set(event.columns["remedy"])) for event in tables] == [1, 2, 3, 4, 5, 6, 7]


def test_the_control_is_tried_even_if_it_was_not_asked_for():
    assert "more-training" not in TRIED
    control = [row for row in rows_of(remedied()) if row["remedy"] == "more-training"]
    assert {row["compared"] for row in control} == {"base"}
    assert {row["updates"] for row in control} == {8}


def test_readings_train_nothing_and_are_compared_with_one_pass():
    rows = [row for row in rows_of(remedied()) if row["kind"] == "reading"]
    assert {(row["compared"], row["updates"], row["budget"]) for row in rows} == {
        ("base", 4, "none")
    }


def test_the_class_as_written_answers_as_one_pass_and_says_how_few_steps():
    rows = [row for row in rows_of(remedied()) if row["remedy"] == "robust-as-written"]
    assert {row["difference"] for row in rows} == {0.0}
    assert {row["verdict"] for row in rows} == {"does not help here"}
    assert rows[0]["note"].startswith("It answers 100 of 500 steps. Its answers are those of one")


def test_learned_positions_say_where_they_end():
    rows = [row for row in rows_of(remedied()) if row["remedy"] == "transformer"]
    by_length = {row["length"]: row for row in rows if row["budget"] == "updates"}
    assert by_length[10]["score"] is not None
    assert by_length[500]["score"] is None
    assert by_length[500]["verdict"] == "hurts"
    assert "ends at 21 steps" in by_length[500]["note"]
    answered = ran(models=("transformer",), seeds=1).of("table", name="curve")[-1].columns
    assert answered["is_answered"] == [at <= 21 for at in LENGTHS]


def test_equal_compute_is_as_many_seconds_as_the_control_took():
    rows = {
        (row["remedy"], row["budget"]): row for row in rows_of(remedied()) if row["length"] == 500
    }
    control = rows["more-training", "compute"]
    for name in ("variable-lengths", "tbptt", "transformer"):
        assert rows[name, "compute"]["seconds"] >= control["seconds"] * 0.99
        assert rows[name, "compute"]["compared"] == "control"


def test_trying_remedies_leaves_the_trained_models_as_they_were():
    assert remedied().rows["lstm-bias"]["model"] == "lstm-bias"
    (stored,), (alone,) = remedied().of("checkpoint"), ran().of("checkpoint")
    for name, tensor in alone.state.items():
        assert torch.equal(tensor, stored.state[name])


def test_chunks_with_their_state_carried_equal_one_pass_and_need_less_memory():
    columns = remedied().of("table", name="chunks")[0].columns
    assert max(columns["difference"]) <= 1e-6
    assert all(
        less < full
        for less, full in zip(columns["megabytes"], columns["full_megabytes"], strict=True)
    )


def test_results_tell_each_model_and_each_remedy():
    results = remedied().result.results
    assert [row["remedy"] for row in results[:2]] == ["none", "more-training"]
    wanted = {"model", "remedy", "budget", "label", "accuracy", "seeds", "updates", "seconds"}
    for row in results:
        assert wanted <= set(row)
        assert set(row["accuracy"]) == {str(each) for each in LENGTHS}
    assert {row["model"] for row in results} == {"lstm-bias", "transformer"}


def test_progress_ends_with_the_run():
    steps = [(event.step, event.total) for event in remedied().of("progress")]
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]


def test_words_name_the_verdicts_with_their_numbers():
    words = remedied().of("words")[-1].sentences
    assert words[0].startswith("LSTM forget bias: ")
    assert any("RobustLSTM, as written (+0 points)" in sentence for sentence in words)
    assert any("Transformer, learned positions" in s and "no answer" in s for s in words)


def test_an_own_text_is_scored_by_its_loss():
    run = ran(task="language-model", corpus="own", text=TEXT, seeds=1)
    (row,) = run.result.results
    assert "accuracy" not in row
    assert all(0 < loss < 4 for loss in row["loss"].values())
    assert "on: your own text" in run.result.signature
    assert "nats" in run.of("words")[-1].sentences[0]


def test_own_labelled_texts_are_joined():
    run = ran(task="sentiment", corpus="own", text=ROWS, seeds=1)
    assert 0 <= run.result.results[0]["accuracy"]["500"] <= 1


@pytest.mark.parametrize(
    ("settings", "text", "said"),
    [
        ({"task": "language-model", "corpus": "own"}, None, "No text of your own"),
        ({"task": "language-model", "corpus": "own"}, "short " * 20, "The text has 120 characters"),
        ({"task": "sentiment", "corpus": "own"}, None, "No labelled texts of your own"),
    ],
)
def test_a_text_that_cannot_be_used_is_refused_in_words(settings, text, said):
    with pytest.raises(TextError, match=said):
        ran(**settings, text=text)


def test_one_that_diverges_says_so_and_gives_no_answer():
    run = ran(models=("rnn",), learning_rate=10.0, updates=60, clip=0.0, seeds=1)
    scores = run.rows["rnn"]["accuracy"].values()
    assert all(score is None or not math.isnan(score) for score in scores)


def test_dials_that_are_turned_are_part_of_the_signature():
    config = LengthConfig(**TINY)
    dials = Dials(**config.dials())
    dials.turn("learning_rate", 1e-3)
    run = LabRun(length.run(config, dials=dials))
    assert "turned: learning_rate=0.001 after update 0" in run.result.signature


def test_the_command_line_runs_it_on_own_files(capsys, tmp_path):
    small = [f"{name}={value}" for name, value in TINY.items() if name not in ("remedies", "seeds")]
    plain, table = tmp_path / "mine.txt", tmp_path / "mine.tsv"
    plain.write_text(TEXT, encoding="utf-8")
    table.write_text(
        "\n".join("\t".join(json.loads(line)) for line in ROWS.splitlines()), encoding="utf-8"
    )
    for file, more, score in ((plain, (), "loss"), (table, ("task=sentiment",), "accuracy")):
        settings = ["--set", "remedies=", "seeds=1", *small, *more]
        assert main(["length", "--text", str(file), *settings]) == 0
        printed = json.loads(capsys.readouterr().out)
        assert set(printed["results"][0][score]) == {str(each) for each in LENGTHS}


def test_every_remedy_of_the_catalogue_can_be_tried():
    run = ran(remedies=tuple(REMEDIES), seeds=1, updates=1, longest=100)
    tried = {row["remedy"] for row in run.result.results}
    assert tried == set(REMEDIES) | {"none"}
