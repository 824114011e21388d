"""The guided demos: their list, their steps, and what an address may say of them."""

import dataclasses

import length_records
import pytest
import sentiment_records
import serving_records
import translation_records

from core.practice import demo as demo_module
from core.practice.demo import demos
from core.runs.record import open_record
from pages.components.demo_charts import CHARTS
from pages.components.demo_dial import DIALS

PAGE = "pages/practice/guided_demos.py"
DEMOS = list(demos().values())
RECORDS = {
    "length": length_records,
    "sentiment": sentiment_records,
    "serving": serving_records,
    "translation": translation_records,
}
TINY = {
    "gradient-flow": {"updates": 20, "hidden": 16, "lag": 10},
    "clipping": {"updates": 60, "hidden": 16, "window": 10, "characters": 5_000},
}

every_demo = pytest.mark.parametrize("demo", DEMOS, ids=lambda demo: demo.name)


@pytest.fixture
def shortened(monkeypatch):
    """Return how to shorten the run of a demo, which keeps all else."""

    def shorten(demo, **settings):
        settings = tuple((dict(demo.settings) | TINY[demo.lab] | settings).items())
        found = dataclasses.replace(demo, settings=settings)
        monkeypatch.setattr(demo_module, "demos", lambda: {demo.name: found})
        return found

    return shorten


def said(at):
    return " ".join(each.value for each in [*at.markdown, *at.caption])


@every_demo
def test_every_chart_and_dial_of_a_demo_exists_and_is_of_its_lab(demo):
    for step in demo.steps:
        assert {CHARTS[name].lab for name in step.charts} <= {demo.lab, ""}
        assert not step.dial or step.dial in DIALS


def test_the_list_shows_six_demos_with_question_promise_and_duration(visit):
    at = visit(PAGE)
    assert not at.exception
    for demo in DEMOS:
        for words in (demo.title, demo.question, demo.promise, f"about {demo.seconds} s"):
            assert words in said(at)


def test_a_demo_is_opened_from_the_list_and_left_again(visit):
    at = visit(PAGE)
    at.button(key="demo_open:one-vector:True").click().run()
    assert (asked(at, "demo"), asked(at, "view")) == ("one-vector", "presenter")
    assert find("one-vector").steps[0].say in said(at)
    at.button(key="demo_close").click().run()
    assert dict(at.query_params) == {}
    assert [title.value for title in at.title] == ["Guided demos"]
    at.button(key="demo_open:one-vector:False").click().run()
    assert "view" not in at.query_params
    assert find("one-vector").steps[0].notes[0] not in said(at)


@every_demo
def test_a_link_opens_a_demo_at_its_first_step(visit, demo):
    at = visit(PAGE, demo=demo.name)
    assert not at.exception
    assert [title.value for title in at.title] == [demo.title]
    assert "Step **1** of" in said(at)
    assert demo.steps[0].say in said(at)
    assert demo.steps[0].notes[0] not in said(at), "the audience sees no notes"
    assert at.button(key="demo_next").label == demo.steps[0].button
    assert at.button(key="demo_back").disabled
    assert any(code.value.endswith(f"?demo={demo.name}") for code in at.code)


def test_the_presenter_view_has_notes_and_is_named_by_the_address(visit):
    at = visit(PAGE, demo="one-vector", view="presenter")
    assert find("one-vector").steps[0].notes[0] in said(at)
    at.toggle(key="demo_presenter").set_value(False).run()
    assert "view" not in at.query_params
    assert find("one-vector").steps[0].notes[0] not in said(at)
    at.toggle(key="demo_presenter").set_value(True).run()
    assert asked(at, "view") == "presenter"


@pytest.mark.parametrize("name", ["nothing", "../x", "<b>", "%00"])
def test_an_unknown_demo_is_answered_with_a_sentence_and_the_list(visit, name):
    at = visit(PAGE, demo=name)
    assert not at.exception
    assert [text.value[:18] for text in at.warning] == ["There is no demo '"]
    assert [title.value for title in at.title] == ["Guided demos"]


@pytest.mark.parametrize("step", ["0", "-1", "x", "99", "²", "1e3", "9" * 400])
def test_a_step_that_is_none_is_the_first_before_a_run_is_started(visit, step):
    at = visit(PAGE, demo="one-vector", step=step)
    assert not at.exception
    assert "Step **1** of" in said(at)


@pytest.mark.parametrize("run", ["0" * 24, "../../etc/passwd", "<b>"])
def test_a_run_that_is_gone_is_said_and_the_demo_starts_over(visit, run):
    at = visit(PAGE, demo="one-vector", step="3", run=run, took="7")
    assert not at.exception
    assert len(at.warning) == 1
    assert "Step **1** of" in said(at)
    assert "run" not in at.query_params


def test_a_run_with_other_settings_is_not_taken_for_the_demos(visit, engine):
    run_id = translation_records.stored_example(engine.store)
    at = visit(PAGE, demo="one-vector", step="3", run=run_id)
    assert [text.value[:35] for text in at.warning] == ["This run is not one of this demo, w"]


@pytest.mark.parametrize("demo", [d for d in DEMOS if d.lab in RECORDS], ids=lambda demo: demo.name)
def test_every_step_of_a_demo_is_drawn_from_its_run(visit, engine, demo):
    stored = RECORDS[demo.lab].stored_run(engine.store, demo.config)
    for number, step in enumerate(demo.steps, start=1):
        at = visit(PAGE, demo=demo.name, step=str(number), run=stored, view="presenter")
        assert not at.exception
        assert not at.warning
        assert f"Step **{number}** of" in said(at)
        assert step.say in said(at)
        if number > 1 and step.button:
            assert at.button(key="demo_next").label == step.button
    assert "did not show" in said(at) or "What this run has shown" in said(at)
    assert at.query_params["took"]


def test_the_first_button_starts_an_ordinary_run_and_the_steps_follow_it(visit, engine, shortened):
    demo = shortened(find("vanishing-gradient"))
    at = visit(PAGE, demo=demo.name)
    at.button(key="demo_next").click().run()
    assert not at.exception
    assert "Step **2** of" in said(at)
    run_id = asked(at, "run")
    assert engine.store.header(run_id).visitor == at.session_state["visitor"]
    at.button(key="demo_back").click().run()
    assert at.button(key="demo_next").label == "Next", "it is not started twice"
    at.button(key="demo_next").click().run()
    assert engine.pool.wait(run_id, 120) == "done"
    at.run()
    at.button(key="demo_next").click().run()
    at.button(key="demo_next").click().run()  # puts claim 1 to the test
    assert not at.exception
    assert at.query_params["claim"]
    for claim_run in at.session_state["claim_runs"].values():
        engine.pool.wait(claim_run, 120)
    at.button(key="demo_next").click().run()
    assert not at.exception
    assert "It did not show this time." in said(at), "20 updates are too few"
    at.button(key="demo_again").click().run()
    assert "run" not in at.query_params
    assert "Step **1** of" in said(at)


def test_a_button_turns_a_live_setting_and_its_slider_says_so(visit, engine, shortened):
    demo = shortened(find("clipping-twins"), updates=100_000)
    at = visit(PAGE, demo=demo.name)
    at.button(key="demo_next").click().run()
    run_id = asked(at, "run")
    at.button(key="demo_next").click().run()
    key = f"demo_dial:{run_id}:threshold"
    assert at.select_slider(key=key).value == 1.0
    at.button(key="demo_next").click().run()
    assert not at.exception
    assert at.select_slider(key=key).value == 0.05
    at.button(key="demo_next").click().run()  # plants an infinite gradient
    assert engine.pool.wait(run_id, 60) == "done"
    record = open_record(engine.store, run_id)
    assert [(s["name"], s["value"]) for s in record.settings] == [
        ("threshold", 0.05),
        ("inject", 1.0),
    ]
    at.run()
    at.button(key="demo_next").click().run()
    assert not at.exception
    assert "the twin without clipping survived as well" in said(at), "it is so small"


def find(name):
    return demos()[name]


def asked(at, name):
    value = at.query_params[name]
    return value[0] if isinstance(value, list) else value
