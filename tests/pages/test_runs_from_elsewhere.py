"""Runs that this page did not start: of another version, from the command line, or deleted."""

import json
import shutil
from dataclasses import replace

import pytest

from core.labs.config import ClaimsConfig, ClippingConfig, GradientFlowConfig
from core.labs.translation_config import TranslationConfig
from pages.components import cache
from pages.components.reproduce import command_of

FLOW = "pages/labs/gradient_flow.py"
CLIPPING = "pages/labs/clipping.py"
LABS = {GradientFlowConfig: ("gradient-flow", FLOW), ClippingConfig: ("clipping", CLIPPING)}
RUNS = "pages/runs/all_runs.py"
TINY = GradientFlowConfig(hidden=16, lag=10, updates=5)


def ended_run(engine, config):
    run_id = cache.start_run("gradient-flow", config, visitor="me")
    assert engine.pool.wait(run_id, 120) == "done"
    return run_id


def test_a_run_of_another_version_is_answered_with_a_sentence_and_the_example(visit, engine):
    run_id = ended_run(engine, TINY)
    engine.pool.wait(cache.example_run("gradient-flow"), 120)  # its progress redraws the page
    path = engine.store.folder(run_id) / "config.json"
    header = json.loads(path.read_text())
    path.write_text(json.dumps(header | {"config": header["config"] | {"gone": 1}}))
    at = visit(FLOW, run=run_id)
    assert not at.exception
    assert "another version of SeqScope" in at.warning[0].value
    assert "run" not in at.query_params
    at.run()
    assert not at.warning


def test_a_run_that_was_deleted_meanwhile_is_not_run_again(visit, engine):
    run_id = ended_run(engine, TINY)
    engine.pool.wait(cache.example_run("gradient-flow"), 120)
    at = visit(FLOW, run=run_id)
    shutil.rmtree(engine.store.folder(run_id))
    at.button(key="run_restart").click().run()
    assert not at.exception
    assert "No run has this id" in at.toast[0].value
    assert "No run has this id" in at.warning[0].value


@pytest.mark.parametrize(
    ("config", "slider"),
    [
        (replace(TINY, lag=500, probe_every=1, learning_rate=2.0, clip=500.0), "lag"),
        (ClippingConfig(hidden=17, window=300, updates=5, threshold=1e-5), "window"),
    ],
)
def test_a_run_beyond_what_the_form_offers_is_shown_and_the_form_reaches_it(
    visit, engine, config, slider
):
    lab, script = LABS[type(config)]
    run_id = cache.start_run(lab, config, visitor="me")
    assert engine.pool.wait(run_id, 120) == "done"
    at = visit(script, run=run_id)
    assert not at.exception
    assert at.slider(key=f"{lab}.{slider}").value == getattr(config, slider)
    at.slider(key=f"{lab}.{slider}").set_value(20).run()
    assert not at.exception
    assert at.slider(key=f"{lab}.{slider}").value == 20


def test_the_form_takes_the_settings_of_the_run_that_is_shown_and_keeps_what_is_changed(
    visit, engine
):
    first, second = (ended_run(engine, replace(TINY, lag=lag, models=("gru",))) for lag in (15, 25))
    at = visit(FLOW)
    at.slider(key="gradient-flow.lag").set_value(50).run()
    for run_id, lag in ((first, 15), (second, 25)):
        at.query_params["run"] = run_id
        at.run()
        assert at.slider(key="gradient-flow.lag").value == lag
        assert at.slider(key="gradient-flow.hidden").value == 16
        assert at.pills(key="gradient-flow.models").value == ["gru"]
    at.slider(key="gradient-flow.lag").set_value(30).run()
    at.run()
    assert at.slider(key="gradient-flow.lag").value == 30
    at.switch_page(RUNS).run()
    at.switch_page(FLOW).run()
    assert at.slider(key="gradient-flow.lag").value == 30
    at.button(key="train").click().run()
    assert at.query_params["run"] != second
    assert engine.pool.wait(at.query_params["run"], 120) == "done"
    at.run()
    assert at.slider(key="gradient-flow.lag").value == 30
    assert not at.exception


def test_the_form_keeps_what_was_changed_when_the_run_is_started_again(visit, engine):
    run_id = ended_run(engine, TINY)
    at = visit(FLOW, run=run_id)
    at.slider(key="gradient-flow.lag").set_value(30).run()
    at.button(key="run_restart").click().run()
    assert at.query_params["run"] != run_id
    assert engine.pool.wait(at.query_params["run"], 120) == "done"
    assert at.slider(key="gradient-flow.lag").value == 30


def test_a_preset_is_no_longer_marked_when_another_run_is_opened(visit, engine):
    run_id = ended_run(engine, TINY)
    at = visit(FLOW)
    at.segmented_control(key="gradient-flow:preset").set_value("Large").run()
    at.query_params["run"] = run_id
    at.run()
    assert at.segmented_control(key="gradient-flow:preset").value is None
    assert at.slider(key="gradient-flow.lag").value == 10


def test_a_run_of_a_lab_that_is_not_known_here_is_listed_by_its_name(visit, engine):
    at = visit(RUNS)
    engine.store.create("seance", ClaimsConfig(), visitor=at.session_state["visitor"])
    at.run()
    assert not at.exception
    assert any("**seance**" in text.value for text in at.markdown)


def test_runs_are_told_apart_and_a_claims_row_ends_with_its_time(visit, engine):
    at = visit(RUNS)
    for config in (TINY, replace(TINY, seed=3)):
        engine.store.create("gradient-flow", config, visitor=at.session_state["visitor"])
    engine.store.create("claims", ClaimsConfig(only=(1, 2)), visitor=at.session_state["visitor"])
    at.run()
    assert [text.value for text in at.caption if "seed 3." in text.value]
    assert [text.value for text in at.caption if text.value == "claims 1, 2."]
    assert not [text.value for text in at.markdown if text.value.endswith("· ")]


@pytest.mark.parametrize("config", [None, [], {"gone": 1}, {"hidden": "many"}, {"models": [[]]}])
def test_a_run_whose_settings_cannot_be_read_is_listed_with_a_sentence(visit, engine, config):
    at = visit(RUNS)
    visitor = at.session_state["visitor"]
    run_id = engine.store.create("gradient-flow", TINY, visitor=visitor)
    path = engine.store.folder(run_id) / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"config": config}))
    at.run()
    assert not at.exception
    assert any("settings cannot be read" in text.value for text in at.caption)


def test_the_command_of_a_memory_task_names_no_text_though_one_was_chosen_before():
    config = GradientFlowConfig(corpus="own")
    assert "--text" not in command_of("gradient-flow", config)
    assert "--text" in command_of("gradient-flow", replace(config, task="language-model"))


@pytest.mark.parametrize(
    ("task", "file"), [("own", "your_pairs.tsv"), ("own-copy", "your_text.txt")]
)
def test_the_command_of_a_run_on_an_own_text_names_the_kind_of_file_it_reads(task, file):
    command = command_of("translation", TranslationConfig(task=task, longest=25))
    assert command == (
        f"python -m core translation --set task={task} --set longest=25 --text {file} --seed 0"
    )
