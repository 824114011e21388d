import math

import pytest

from core.errors import TextError
from core.labs.config import TASK_DEFAULTS, GradientFlowConfig
from core.labs.gradient_flow import run
from core.models.catalogue import CATALOGUE
from core.training.dials import Dials

COLUMNS = {
    "gradient_flow": ["distance", "textbook_log10", "exact_c_log10", "exact_h_log10"],
    "scores": ["lag", "score"],
    "gate_histogram": ["low", "high", "share"],
    "time_scales": ["unit", "mean_gate", "time_scale_steps"],
    "closing_steps": ["step", "mean_gate", "symbol"],
    "lyapunov": ["index", "exponent_nats_per_step"],
}
RESULT = {
    "model",
    "init",
    "r2_at_lag",
    "solved_step",
    "textbook_log10",
    "exact_c_log10",
    "exact_h_log10",
}


def test_the_lab_looks_first_then_trains_and_ends_with_its_result(flow_run):
    kinds = flow_run().kinds()
    assert kinds[0] == "table"
    assert kinds.index("series") > max(i for i, k in enumerate(kinds[:14]) if k == "table")
    assert kinds[-4:] == ["words", "checkpoint", "checkpoint", "result"]
    assert kinds.count("result") == 1
    assert [e.step for e in flow_run().of("progress")] == list(range(1, 21))


@pytest.mark.parametrize("table", COLUMNS)
@pytest.mark.parametrize("model", ["rnn", "lstm-chrono"])
def test_every_table_has_its_columns_at_the_start_and_at_the_end(flow_run, table, model):
    found = flow_run().of("table", name=table, model=model)
    steps = [0, 20] if table == "lyapunov" else [0, 10, 20]
    assert [e.step for e in found] == steps
    for event in found:
        assert list(event.columns) == COLUMNS[table]
        assert len({len(values) for values in event.columns.values()}) == 1
        assert len(event.columns[COLUMNS[table][0]]) > 0


def test_the_tables_reach_as_far_as_the_lag(flow_run):
    flow = flow_run().of("table", name="gradient_flow", model="rnn")[-1].columns
    assert flow["distance"] == list(range(11))
    assert flow["exact_h_log10"][0] == pytest.approx(0, abs=1e-9)
    scores = flow_run().of("table", name="scores", model="rnn")[-1].columns
    assert scores["lag"] == list(range(21))


def test_the_gates_are_a_picture_with_a_name_for_every_row_and_step(flow_run):
    for event in flow_run().of("array", name="gates"):
        units, steps = event.array.shape
        assert len(event.labels["unit"]) == units == 16
        assert len(event.labels["symbol"]) == steps == 11
        assert 0 <= event.array.min() <= event.array.max() <= 1


def test_the_result_has_one_row_a_model_with_its_keys(flow_run):
    run_ = flow_run()
    assert list(run_.rows) == ["rnn", "lstm-chrono"]
    assert all(set(row) >= RESULT for row in run_.rows.values())
    assert run_.rows["rnn"]["exact_c_log10"] is None
    assert run_.rows["rnn"]["init"] == "default"
    assert run_.rows["lstm-chrono"]["init"] == "chrono"
    for model, row in run_.rows.items():
        flow = run_.of("table", name="gradient_flow", model=model)[-1].columns
        scores = run_.of("table", name="scores", model=model)[-1].columns
        assert row["r2_at_lag"] == scores["score"][10]
        assert row["exact_h_log10"] == flow["exact_h_log10"][-1]
        assert row["textbook_log10"] == flow["textbook_log10"][-1]


def test_the_signature_names_what_is_off_its_default_and_the_seed(flow_run):
    signature = flow_run().result.signature
    for part in ("gradient-flow", "hidden=16", "lag=10", "seed=0", "device=cpu", "torch "):
        assert part in signature
    assert "batch_size" not in signature


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others():
    def losses(seed):
        config = GradientFlowConfig(hidden=16, lag=10, updates=5, device="cpu", seed=seed)
        return [e.columns["loss"] for e in run(config) if e.kind == "series"]

    assert losses(0) == losses(0)
    assert losses(0) != losses(1)


def test_a_racer_runs_alike_whoever_it_races(flow_run):
    alone = flow_run(models=("gru",))
    beside = flow_run(models=("lstm", "gru"))
    assert alone.column("gru", "loss") == beside.column("gru", "loss")
    assert alone.rows["gru"] == beside.rows["gru"]


@pytest.mark.parametrize(
    "model", [name for name, s in CATALOGUE.items() if s.cell != "transformer"]
)
@pytest.mark.parametrize("task", ["analog-memory", "discrete-recall"])
def test_every_model_runs_every_task(flow_run, model, task):
    row = flow_run(models=(model,), task=task, updates=3).rows[model]
    assert math.isfinite(row["final_loss"])
    assert math.isfinite(row["exact_h_log10"])
    assert (row["exact_c_log10"] is not None) == (CATALOGUE[model].cell == "lstm")
    assert (row["r2_at_lag"] is not None) == (task == "analog-memory")


@pytest.mark.parametrize("shape", [{"layers": 2}, {"bidirectional": True}])
@pytest.mark.parametrize("model", ["rnn", "lstm", "gru"])
def test_stacks_and_both_directions_run(flow_run, model, shape):
    flow = flow_run(models=(model,), updates=3, **shape)
    assert math.isfinite(flow.rows[model]["exact_h_log10"])
    assert flow.of("table", name="scores", model=model)[-1].columns["lag"][-1] == 20


@pytest.mark.parametrize("model", ["rnn", "lstm", "gru"])
def test_a_language_model_trains_on_a_text_of_ones_own(flow_run, own_text, model):
    run_ = flow_run(models=(model,), task="language-model", corpus="own", text=own_text)
    row = run_.rows[model]
    assert row["r2_at_lag"] is None
    assert row["nats_per_character_at_lag"] > 0
    losses = run_.column(model, "loss")
    assert losses[-1] < losses[0]
    closing = run_.of("table", name="closing_steps", model=model)[-1].columns
    held_out = own_text[int(len(own_text) * 0.9) :][:10]
    assert closing["symbol"] == [held_out[step] for step in closing["step"]]
    assert "your own text" in run_.result.signature
    assert own_text[:20] not in run_.result.signature


def test_a_language_model_without_its_text_says_where_to_give_one():
    config = GradientFlowConfig(task="language-model", corpus="own", device="cpu")
    with pytest.raises(TextError, match="No text of your own was given"):
        next(run(config))


def test_a_letter_stands_for_each_step_of_recall(flow_run):
    closing = flow_run(models=("lstm",), task="discrete-recall", updates=3).of(
        "table", name="closing_steps"
    )
    assert set(closing[-1].columns["symbol"]) <= set("ABCDEFGH")


def test_a_race_in_which_all_diverge_still_ends_with_a_result_and_words(flow_run):
    run_ = flow_run(
        models=("rnn-relu", "lstm"), optimizer="sgd", learning_rate=10.0, clip=0.0, updates=60
    )
    assert {m.model for m in run_.of("mark", what="diverged")} == {"rnn-relu", "lstm"}
    assert run_.of("progress")[-1].step < 60
    words = run_.of("words")[-1].sentences
    assert any("diverged" in sentence for sentence in words)
    assert not any("10nan" in sentence or "10inf" in sentence for sentence in words)
    assert set(run_.rows) == {"rnn-relu", "lstm"}


def test_a_dial_turned_under_way_is_told_and_obeyed(flow_run):
    run_ = flow_run(turns=((12, "learning_rate", 0.0),))
    told = run_.of("setting")
    assert [(e.step, e.name, e.value) for e in told] == [(12, "learning_rate", 0.0)]
    untouched = flow_run()
    before, after = run_.column("rnn", "loss"), untouched.column("rnn", "loss")
    assert before[:13] == after[:13]
    assert before[13:] != after[13:]


def test_the_checkpoint_is_the_model_that_was_probed_last(flow_run):
    checkpoints = flow_run().of("checkpoint")
    assert [(e.model, e.step) for e in checkpoints] == [("rnn", 20), ("lstm-chrono", 20)]
    assert all(t.device.type == "cpu" for e in checkpoints for t in e.state.values())


def test_a_run_can_be_closed_at_any_event():
    config = GradientFlowConfig(hidden=16, lag=10, updates=50, device="cpu")
    for count in (1, 10, 40):
        events = run(config, dials=Dials(**config.dials()))
        for _ in range(count):
            next(events)
        events.close()
        assert next(events, None) is None


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_at_the_defaults_the_chrono_lstm_learns_the_lag_and_the_rnn_does_not(seed):
    result = list(run(GradientFlowConfig(seed=seed, device="cpu")))[-1]
    rows = {row["model"]: row for row in result.results}
    assert rows["lstm-chrono"]["r2_at_lag"] > 0.95
    assert rows["lstm-chrono"]["solved_step"] <= 300
    assert rows["rnn"]["r2_at_lag"] < 0.8
    assert rows["rnn"]["solved_step"] is None


@pytest.mark.parametrize("task", TASK_DEFAULTS)
def test_what_a_task_is_tried_with_first_is_a_config(task):
    assert GradientFlowConfig(task=task, **TASK_DEFAULTS[task]).task == task
    assert GradientFlowConfig() == GradientFlowConfig(**TASK_DEFAULTS["analog-memory"])


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0])
def test_in_discrete_recall_the_order_turns_the_rnn_solves_it_and_the_default_lstm_does_not(seed):
    config = GradientFlowConfig(
        task="discrete-recall",
        models=("rnn", "lstm", "lstm-chrono"),
        seed=seed,
        device="cpu",
        **TASK_DEFAULTS["discrete-recall"],
    )
    rows = {row["model"]: row for row in list(run(config))[-1].results}
    assert rows["rnn"]["accuracy_at_lag"] > 0.95
    assert rows["lstm-chrono"]["accuracy_at_lag"] > 0.95
    assert rows["lstm"]["accuracy_at_lag"] < 0.5
