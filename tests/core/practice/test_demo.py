import re

import pytest

from core.errors import ConfigError
from core.labs.config import PRESETS
from core.labs.estimate import estimate_seconds
from core.practice.demo import Check, Serve, Start, demos, find_demo, read_demos

DEMOS = list(demos().values())
LONGEST_SECONDS = 90.0
NUMBERS = re.compile(r"\d+[.,]\d|\d+ ?%")
"""What is measured must not be written down: it is told from the run."""

every_demo = pytest.mark.parametrize("demo", DEMOS, ids=lambda demo: demo.name)

MINIMAL = """
[[demos]]
name = "a-demo"
lab = "clipping"
title = "A title"
question = "A question?"
promise = "A promise."
seconds = 60
settings = {{ {settings} }}

[[demos.steps]]
say = "First."
notes = ["A note."]
charts = ["norms"]
button = "Start"
action = {{ kind = "start" }}

[[demos.steps]]
say = "Then."
notes = ["A note."]
charts = ["norms"]
button = "Go on"
{middle}

[[demos.steps]]
say = "Last."
notes = ["A note."]
charts = ["norms"]
{last}
"""


@pytest.fixture
def read(tmp_path):
    """Return how to read a demo with these settings, middle and last step."""

    def read_demo(*, settings="", middle="", last="", before="", after=""):
        text = MINIMAL.format(settings=settings, middle=middle, last=last)
        path = tmp_path / "demos.toml"
        path.write_text(before + text + after, encoding="utf-8")
        return read_demos(path)

    return read_demo


def test_there_is_one_demo_a_lab():
    assert [demo.lab for demo in DEMOS] == list(PRESETS)


@every_demo
def test_a_demo_can_be_shown_in_two_minutes(demo):
    assert demo.seconds <= 120
    assert estimate_seconds(demo.config) < LONGEST_SECONDS


@every_demo
def test_a_step_has_a_sentence_or_three_to_say_and_something_for_the_speaker(demo):
    for step in demo.steps:
        assert len(re.findall(r"[.?!](?= |$)", step.say)) <= 3
        assert step.notes
    assert demo.question.endswith("?")


@every_demo
def test_no_measured_number_is_written_down(demo):
    for text in (demo.promise, *(step.say for step in demo.steps)):
        assert not NUMBERS.search(text.replace("0.69", "")), text  # ln 2 is no measurement


@every_demo
def test_a_demo_starts_its_run_with_its_first_button(demo):
    assert demo.starts_at == 1
    assert list(demo.done_before(1)) == []
    assert list(demo.done_before(2)) == [Start()]


def test_demos_try_a_claim_and_several_ways_of_serving():
    actions = [each for demo in DEMOS for each in demo.done_before(99)]
    assert any(isinstance(each, Check) for each in actions)
    assert len([each for each in actions if isinstance(each, Serve)]) > 2


def test_an_unknown_demo_is_answered_with_those_there_are():
    with pytest.raises(ConfigError, match="There is no demo 'x'; there are vanishing-gradient, "):
        find_demo("x")


def test_a_minimal_demo_is_read(read):
    demo = read(settings="updates = 20")["a-demo"]
    assert demo.config.updates == 20
    assert demo.starts_at == 1


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"settings": "updates = 0"}, "demo a-demo: updates is 0"),
        ({"settings": "colour = 1"}, "demo a-demo: clipping has no setting 'colour'"),
        ({"middle": 'dial = "clip"'}, "step 2: dial is 'clip'; it must be one of learning_rate"),
        ({"middle": 'action = { kind = "turn", dial = "x", value = 1.0 }'}, "step 2: dial is 'x'"),
        ({"middle": 'action = { kind = "dance" }'}, "kind of action is 'dance'"),
        ({"middle": 'action = { kind = "check", claim = 1 }'}, "claim 1 is not one of the lab"),
        ({"middle": 'action = { kind = "check", claim = 99 }'}, "There is no claim 99"),
        ({"middle": 'action = { kind = "start" }'}, "exactly one step must start the run"),
        ({"middle": 'action = { kind = "ask", model = "a", source = "b" }'}, "translation lab"),
        ({"middle": 'action = { kind = "serve", label = "a" }'}, "only the serving lab"),
        ({"middle": 'until = { says = "until then" }'}, "waits for one of: done, update, table"),
        ({"middle": 'until = { says = " ", done = true }'}, "must be said"),
        ({"middle": 'colour = "red"'}, "unexpected keyword argument 'colour'"),
        ({"last": 'button = "More"'}, "step 3: every step but the last has a button"),
        ({"last": 'action = { kind = "stop" }'}, "step 3: the last step does nothing more"),
        ({"after": MINIMAL.format(settings="", middle="", last="")}, "two demos have the name"),
        ({"before": "demos = ["}, "demos.toml is no TOML"),
    ],
)
def test_a_demo_that_is_not_as_it_must_be_is_refused_by_name(read, wrong, match):
    with pytest.raises(ConfigError, match=match):
        read(**wrong)
