"""Every page through the front door, and one journey a page with what can go wrong on it."""

import json
import os
import re
import signal
import time
from pathlib import Path

import pytest

from core.labs.config import PRESETS, ClaimsConfig, ClippingConfig, GradientFlowConfig
from core.runs.record import open_record
from pages.components import cache

HOME = "pages/start/home.py"
FLOW = "pages/labs/gradient_flow.py"
CLIPPING = "pages/labs/clipping.py"
YOURS = "pages/text/your_text.py"
RUNS = "pages/runs/all_runs.py"
LABS = {"gradient-flow": FLOW, "clipping": CLIPPING}
TINY = {
    "gradient-flow": GradientFlowConfig(hidden=16, lag=10, updates=20, probe_every=10),
    "clipping": ClippingConfig(hidden=16, window=10, updates=30, characters=5_000),
}
LONG = {
    "gradient-flow": GradientFlowConfig(hidden=16, lag=10, updates=20_000),
    "clipping": ClippingConfig(hidden=16, window=10, updates=100_000, characters=5_000),
}
UNKNOWN = "0" * 24
APP = Path(__file__).parents[2] / "app.py"
PAGES = re.findall(r'"(pages/[^"]+\.py)"', APP.read_text(encoding="utf-8"))


@pytest.mark.parametrize("script", PAGES)
def test_a_page_has_a_title_and_no_error(visit, script):
    at = visit(script)
    assert not at.exception
    assert not at.error
    assert len(at.title) == 1
    assert not at.warning


@pytest.mark.parametrize("script", LABS.values())
def test_a_lab_shows_its_example_before_anything_was_trained(visit, script):
    at = visit(script)
    assert status(at).startswith("Example · ")
    assert "run" not in at.query_params


@pytest.mark.parametrize(("lab", "script"), LABS.items())
def test_the_button_trains_with_the_settings_and_the_page_shows_the_run(visit, engine, lab, script):
    at = visit(script)
    at.number_input(key=f"{lab}.updates").set_value(20)
    at.slider(key=f"{lab}.hidden").set_value(16)
    at.button(key="train").click().run()
    assert not at.exception
    run_id = at.query_params["run"]
    assert engine.pool.wait(run_id, 120) == "done"
    at.run()
    assert not at.exception
    assert not at.error
    assert status(at).startswith("**Done** · update 20 of 20 · ")
    assert "updates=20" in at.code[-1].value
    assert any("Signature: " in caption.value for caption in at.caption)
    assert points(at) > 10
    assert not said(at, "first sentences come"), "what is seen is said"


@pytest.mark.parametrize(("lab", "script"), LABS.items())
def test_a_run_can_be_opened_paused_stepped_resumed_and_stopped(visit, engine, lab, script):
    run_id = cache.start_run(lab, LONG[lab], visitor="me")
    until(engine, run_id, lambda record: record.step > 2)
    at = visit(script, run=run_id)
    assert status(at).startswith("**Running** · update ")
    at.button(key="run_pause").click().run()
    paused = until(engine, run_id, lambda record: record.state == "paused").step
    at.run()
    assert status(at).startswith(f"**Paused** · update {paused:,} of ")
    at.button(key="run_step").click().run()
    until(engine, run_id, lambda record: record.step == paused + 1)
    at.run()
    assert status(at).startswith(f"**Paused** · update {paused + 1:,} of ")
    at.button(key="run_resume").click().run()
    until(engine, run_id, lambda record: record.state == "running")
    at.run()
    at.button(key="run_stop").click().run()
    assert engine.pool.wait(run_id, 60) == "stopped"
    at.run()
    assert status(at).startswith("**Stopped** · ")
    assert all(at.button(key=f"run_{name}").disabled for name in ("pause", "step", "stop"))
    assert not at.exception


def test_a_live_setting_is_obeyed_by_the_run(visit, engine):
    run_id = cache.start_run("clipping", LONG["clipping"], visitor="me")
    until(engine, run_id, lambda record: record.step > 2)
    at = visit(CLIPPING, run=run_id)
    at.select_slider(key=f"dial:{run_id}:threshold").set_value(0.05).run()
    record = until(engine, run_id, lambda record: record.settings)
    assert (record.settings[-1]["name"], record.settings[-1]["value"]) == ("threshold", 0.05)
    at.run()
    assert at.select_slider(key=f"dial:{run_id}:threshold").value == 0.05
    assert not at.exception
    finish(engine, run_id)


@pytest.mark.parametrize(("lab", "script"), LABS.items())
def test_a_run_whose_worker_is_killed_says_so_and_keeps_its_charts(visit, engine, lab, script):
    run_id = cache.start_run(lab, LONG[lab], visitor="me")
    until(engine, run_id, lambda record: record.step > 200 and record.series)
    os.kill(engine.pool._runs[run_id].child.process.pid, signal.SIGKILL)
    assert engine.pool.wait(run_id, 30) == "failed"
    at = visit(script, run=run_id)
    assert not at.exception
    assert len(at.error) == 1
    assert at.error[0].value.startswith("The worker was killed (signal 9, SIGKILL)")
    assert at.error[0].value.endswith("Its events are kept.")
    assert status(at).startswith("**Failed** · update ")
    assert points(at) > 10
    assert not at.button(key="run_restart").disabled


@pytest.mark.parametrize("script", LABS.values())
@pytest.mark.parametrize("link", [UNKNOWN, "../../etc/passwd", "", "%00", "<b>"])
def test_a_link_to_no_run_is_answered_with_a_sentence_and_the_example(visit, script, link):
    at = visit(script, run=link)
    assert not at.exception
    assert not at.error
    assert [text.value[:24] for text in at.warning] == ["No run has this id: it w"] * bool(link)
    assert status(at).startswith("Example · ")


@pytest.mark.parametrize(("lab", "other"), [("clipping", FLOW), ("gradient-flow", CLIPPING)])
def test_a_link_of_another_lab_is_answered_with_a_sentence(visit, engine, lab, other):
    run_id = cache.start_run(lab, TINY[lab], visitor="me")
    assert engine.pool.wait(run_id, 120) == "done"
    at = visit(other, run=run_id)
    assert not at.exception
    assert [text.value for text in at.warning] == [
        "This link belongs to another lab; below is this lab's example."
    ]
    assert status(at).startswith("Example · ")


def test_a_link_of_the_claim_checker_is_answered_with_a_sentence(visit, engine):
    run_id = cache.start_run("claims", ClaimsConfig(only=(1,)), visitor="me")
    at = visit(FLOW, run=run_id)
    assert not at.exception
    assert len(at.warning) == 1
    engine.pool.wait(run_id, 120)


def test_settings_that_make_no_sense_are_said_and_cannot_be_trained(visit):
    at = visit(FLOW)
    at.selectbox(key="gradient-flow.task").set_value("language-model").run()
    assert not at.button(key="train").disabled
    at.toggle(key="gradient-flow.bidirectional").set_value(True).run()
    assert not at.exception
    assert [text.value[:44] for text in at.error] == [
        "A bidirectional language model would read th"
    ]
    assert at.button(key="train").disabled
    at.toggle(key="gradient-flow.bidirectional").set_value(False).run()
    assert not at.error
    assert not at.button(key="train").disabled


def test_a_race_without_models_is_refused_in_a_sentence(visit):
    at = visit(FLOW)
    at.pills(key="gradient-flow.models").set_value([]).run()
    assert not at.exception
    assert [text.value for text in at.error] == ["No model is chosen; choose at least one."]
    assert at.button(key="train").disabled


@pytest.mark.parametrize(("lab", "script"), LABS.items())
def test_a_text_that_was_not_brought_fails_in_a_sentence(visit, engine, lab, script):
    at = visit(script)
    if lab == "gradient-flow":
        at.selectbox(key=f"{lab}.task").set_value("language-model").run()
    at.selectbox(key=f"{lab}.corpus").set_value("own").run()
    assert not at.exception
    if not at.button(key="train").disabled:
        at.button(key="train").click().run()
        engine.pool.wait(at.query_params["run"], 120)
        at.run()
    assert not at.exception
    assert "text" in at.error[0].value


@pytest.mark.parametrize(("lab", "script"), LABS.items())
def test_a_preset_fills_the_form_and_can_be_trained(visit, lab, script):
    at = visit(script)
    for name in ("Large", "Standard", "Quick"):
        at.segmented_control(key=f"{lab}:preset").set_value(name).run()
        assert not at.exception
        assert not at.error
        assert not at.button(key="train").disabled
        expected = PRESETS[lab][name]
        assert at.number_input(key=f"{lab}.updates").value == expected.updates
        assert at.slider(key=f"{lab}.hidden").value == expected.hidden


def test_an_optimizer_brings_its_learning_rate_and_a_rule_its_threshold(visit):
    at = visit(CLIPPING)
    for optimizer, rate in (("adam", 0.003), ("momentum", 0.05), ("sgd", 0.2)):
        at.selectbox(key="clipping.optimizer").set_value(optimizer).run()
        assert at.number_input(key="clipping.learning_rate").value == rate
    at.number_input(key="clipping.learning_rate").set_value(0.3).run()
    for rule, threshold in (("value", 0.01), ("agc", 0.05), ("percentile", 1), ("none", 1)):
        at.selectbox(key="clipping.rule").set_value(rule).run()
        assert at.number_input(key="clipping.threshold").value == threshold
    assert at.number_input(key="clipping.learning_rate").value == 0.3
    assert not at.exception
    assert not at.button(key="train").disabled


@pytest.mark.parametrize(("lab", "claim"), [("gradient-flow", 1), ("clipping", 29)])
def test_a_claim_is_run_and_its_card_shows_the_verdict(visit, engine, lab, claim):
    at = visit(LABS[lab])
    assert at.button(key=f"claims:{lab}:{claim}").label == "Run"
    at.button(key=f"claims:{lab}:{claim}").click().run()
    assert not at.exception
    for run_id in at.session_state["claim_runs"].values():
        assert engine.pool.wait(run_id, 120) == "done"
    at.run()
    assert not at.exception
    assert not at.error
    assert at.button(key=f"claims:{lab}:{claim}").label == "Run again"
    assert said(at, "Measured: ")


def test_a_claim_whose_worker_is_killed_says_so_on_its_card(visit, engine):
    at = visit(CLIPPING)
    at.button(key="claims:clipping:27").click().run()
    run_id = at.session_state["claim_runs"][27]
    until(engine, run_id, lambda record: record.state == "running")
    os.kill(engine.pool._runs[run_id].child.process.pid, signal.SIGKILL)
    assert engine.pool.wait(run_id, 30) == "failed"
    at.run()
    assert not at.exception
    assert [text.value[:21] for text in at.error] == ["The worker was killed"]
    assert not at.button(key="claims:clipping:27").disabled


def test_every_view_of_every_card_can_be_chosen(visit, engine):
    for lab, script in LABS.items():
        run_id = cache.start_run(lab, TINY[lab], visitor="me")
        assert engine.pool.wait(run_id, 120) == "done"
        at = visit(script, run=run_id)
        views = [w.key for w in at.segmented_control if str(w.key).startswith("card_view_")]
        assert len(views) > 5
        for view in ("Table", "How it is computed", "Download"):
            for key in views:
                at.segmented_control(key=key).set_value(view)
            at.run()
            assert not at.exception
            assert not at.error


def test_my_runs_are_listed_opened_and_deleted(visit, engine):
    at = visit(RUNS)
    assert [text.value[:11] for text in at.info] == ["No runs yet"]
    me = at.session_state["visitor"]
    run_id = cache.start_run("clipping", TINY["clipping"], visitor=me)
    long_id = cache.start_run("gradient-flow", LONG["gradient-flow"], visitor=me)
    assert engine.pool.wait(run_id, 120) == "done"
    at.run()
    assert not at.exception
    assert said(at, "**Clipping** · ")
    at.button(key=f"delete:{run_id}").click().run()
    assert run_id in engine.store.ids(), "it asks once more"
    at.button(key=f"delete_for_good:{run_id}").click().run()
    assert not said(at, "**Clipping** · ")
    assert run_id not in engine.store.ids()
    at.button(key=f"delete:{long_id}").click().run()
    at.button(key=f"delete_for_good:{long_id}").click().run()
    assert not at.exception
    assert [toast.value[:38] for toast in at.toast] == ["This run is queued or under way: stop "]
    assert long_id in engine.store.ids()
    finish(engine, long_id)


def test_runs_of_others_are_not_listed(visit, engine):
    run_id = cache.start_run("clipping", TINY["clipping"], visitor="somebody else")
    at = visit(RUNS)
    assert [text.value[:11] for text in at.info] == ["No runs yet"]
    engine.pool.wait(run_id, 120)


def status(at):
    return at.get("progress")[0].proto.text


def said(at, words):
    return any(words in element.value for element in [*at.markdown, *at.caption])


def points(at):
    """The most points that a line of the page's charts has."""
    longest, nodes = 0, [at.main]
    while nodes:
        node = nodes.pop()
        nodes += getattr(node, "children", {}).values()
        if getattr(node, "type", "") != "bidi_component":
            continue
        figure = json.loads(json.loads(node.proto.json).get("figure", '{"data": []}'))
        longest = max([longest, *(len(trace.get("y", ())) for trace in figure["data"])])
    return longest


def until(engine, run_id, condition, seconds=90.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        record = open_record(engine.store, run_id)
        if condition(record):
            return record
        time.sleep(0.02)
    raise AssertionError(f"still {record.state} at update {record.step}: {record.cause}")


def finish(engine, run_id):
    engine.pool.command(run_id, "stop")
    engine.pool.wait(run_id, 60)
