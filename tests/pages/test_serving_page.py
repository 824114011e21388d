"""The serving lab's page over runs made by hand: every state, every source, every view."""

import json

import pytest
import sentiment_records
from serving_records import (
    CONFIG,
    MEASURED,
    NOTES,
    TABLES,
    lab_events,
    samples_columns,
    service_columns,
    stored_run,
    variant_columns,
)

from core.labs.config import PRESETS
from core.labs.serving_config import ServingConfig
from pages.components.reproduce import command_of
from pages.components.serving_cards import machine_line
from pages.components.serving_tables import (
    accuracy_words,
    policy_words,
    share_words,
    size_words,
    speed_words,
    stable_words,
    time_words,
)
from pages.components.shrink_cards import tried, with_waiting

NOTHING_TIMED = "This run ended before a pass was timed: there is nothing to answer from."
PAGE = "pages/labs/serving.py"
CARDS = (
    *("latency", "throughput", "words", "policies", "latencies", "batches", "grid", "replicas"),
    *("agreement", "desk_latencies", "desk_batches", "variants", "speed", "variant_accuracy"),
    *("size", "flips", "distillation", "difference"),
)


@pytest.fixture
def open_run(visit, engine):
    """Return how to open the page on a run made by hand."""

    def open_page(config=CONFIG, **how):
        return visit(PAGE, run=stored_run(engine.store, config, **how))

    return open_page


def shown(at):
    assert not at.exception
    assert not at.error
    return [text.value for text in [*at.markdown, *at.caption]]


def table(at, column):
    return next(frame.value for frame in at.dataframe if column in frame.value)


def test_the_page_opens_on_its_example(visit):
    at = visit(PAGE)
    said = shown(at)
    assert at.get("progress")[0].proto.text.startswith("Example · **Done** · step 20 of 20")
    assert "1,000 requests a second need one replica here." in said
    assert any(text.startswith("On A processor of 2.0 GHz: 2 cores, one thread") for text in said)


def test_the_policies_are_told_the_one_that_was_set_first(open_run):
    at = open_run()
    shown(at)
    found = table(at, "chosen")
    assert list(found["chosen"]) == ["set above", *[""] * 5]
    assert found["policy"][3] == "up to 32, wait 10 ms"
    assert found["stable"][4] == "unstable"
    assert (found["late"][4], found["busy"][4], found["p99"][4]) == ("93 %", "100 %", "5,210")


def test_every_variant_has_its_row_and_says_faster_or_slower_from_its_measurement(open_run):
    at = open_run()
    shown(at)
    found = table(at, "at_8").set_index("label")
    assert found["size"]["ONNX Runtime, INT8"] == "1.12 MB, 4.0×"
    assert found["at_1"]["ONNX Runtime, INT8"] == "0.143 ms, 3× faster"
    assert found["at_32"]["CNN"] == "6.76 ms, 1.4× slower"
    assert found["at_8"]["Served as it is"] == "1.17 ms"


def test_a_variant_that_could_not_be_made_says_why_as_plain_text(open_run):
    tables = TABLES | {"variants": variant_columns(missing=("transformer",))}
    at = open_run(events=lab_events(tables))
    shown(at)
    assert f"Transformer: {NOTES['transformer']}" in [text.value for text in at.text]
    assert table(at, "at_8").set_index("label")["at_1"]["Transformer"] == ""


@pytest.mark.parametrize("view", ["Table", "How it is computed", "Download"])
def test_every_card_has_its_table_its_code_and_its_files(open_run, view):
    at = open_run()
    for card in CARDS:
        at.segmented_control(key=f"card_view_{card}").set_value(view)
    shown(at.run())


@pytest.mark.parametrize("only", [(), ("machine",), MEASURED, (*MEASURED, "served")])
def test_a_run_that_ended_early_says_what_will_not_come(open_run, only):
    at = open_run(events=lab_events(only=only, is_whole=False), state="stopped")
    said = shown(at)
    assert any(text.startswith("This run ended before it was measured") for text in said)
    assert (NOTHING_TIMED in said) == ("samples" not in only)


def test_a_run_that_has_only_begun_waits_for_its_numbers(open_run):
    at = open_run(events=lab_events(only=(), is_whole=False), state="running")
    said = shown(at)
    assert "The machine is said with the first measurement." in said
    assert "It comes when it is measured." in said
    assert "A queue answers here at once when the passes of this run are timed." in said
    assert all(slider.disabled for slider in at.select_slider)


def test_without_variants_there_is_nothing_about_shrinking(open_run):
    at = open_run(ServingConfig(variants=()))
    shown(at)
    assert not any(head.value.startswith("Shrink") for head in at.subheader)


def test_a_slider_answers_at_once_from_the_measured_times(open_run):
    at = open_run()
    before = [metric.value for metric in at.metric]
    assert any("**Stable.** 1,000 requests a second" in text for text in shown(at))
    rate = next(s for s in at.select_slider if s.label == "Requests a second")
    rate.set_value(50_000.0).run()
    said = shown(at)
    unstable = next(text for text in said if text.startswith("**Unstable.**"))
    assert "From 8 replicas on it does not." in unstable
    assert [metric.value for metric in at.metric] != before
    replicas = next(s for s in at.select_slider if s.label == "Replicas")
    replicas.set_value(12.0).run()
    assert any("**Stable.**" in text for text in shown(at))


def test_a_model_that_takes_one_request_at_a_time_has_its_desk_too(open_run):
    tables = TABLES | {"service": service_columns((1,)), "samples": samples_columns((1,))}
    at = open_run(ServingConfig(source="onnx"), events=lab_events(tables))
    assert not at.exception
    assert any("requests a second are" in text.value for text in at.markdown)


def test_the_form_offers_a_run_of_the_sentiment_lab_and_serves_its_model(visit, engine):
    config = sentiment_records.SENTIMENT_EXAMPLE
    at = visit(PAGE)
    at.selectbox(key="serving.source").set_value("run").run()
    assert at.info[0].value.startswith("There is no sentiment run on this machine yet")
    assert at.button(key="train").disabled
    events = [*sentiment_records.lab_events(), *sentiment_records.checkpoints()]
    run_id = sentiment_records.stored_run(
        engine.store, config, visitor=at.session_state["visitor"], events=events
    )
    at.run()
    assert at.selectbox(key="serving.run").value == run_id
    at.selectbox(key="serving.model").set_value("cnn").run()
    shown(at)
    at.button(key="train").click().run()
    assert not at.exception
    served = at.query_params["run"]
    served = served[0] if isinstance(served, list) else served
    header = engine.store.header(served)
    assert (header.config["source"], header.config["run"]) == ("run", run_id)
    given = json.loads((engine.store.folder(served) / "text.txt").read_text())
    assert given["checkpoint"].startswith(str(engine.store.folder(run_id)))


REFUSED = {
    "empty": (b"", "The file is empty"),
    "zip": (b"PK\x03\x04" + b"0" * 50, "a zip archive"),
    "pickle": (b"\x80\x04\x95cos\nsystem\n", "a Python pickle"),
    "too large": (b"\x08" * 50_000_001, "up to 50 MB"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_plainly_no_onnx_is_refused_before_a_run(visit, name):
    data, sentence = REFUSED[name]
    at = visit(PAGE)
    at.selectbox(key="serving.source").set_value("onnx").run()
    assert at.button(key="train").disabled
    at.file_uploader(key="served:file").upload("model.onnx", data, "application/octet-stream")
    at.run()
    assert not at.exception
    assert sentence in at.error[0].value
    assert at.button(key="train").disabled


def test_a_file_is_kept_for_the_session_until_it_is_forgotten(visit):
    at = visit(PAGE)
    at.selectbox(key="serving.source").set_value("onnx").run()
    at.file_uploader(key="served:file").upload("m.onnx", b"\x08\x07" * 600_000, "a/b").run()
    assert any("A file of 1.20 MB is kept" in text for text in shown(at))
    assert not at.button(key="train").disabled
    at.button(key="served:forget").click().run()
    assert not at.exception
    assert at.button(key="train").disabled


def test_a_preset_keeps_what_is_served(visit):
    at = visit(PAGE)
    at.selectbox(key="serving.source").set_value("onnx").run()
    at.segmented_control(key="serving:preset").set_value("Large").run()
    assert at.selectbox(key="serving.source").value == "onnx"
    at.selectbox(key="serving.source").set_value("fresh").run()
    at.segmented_control(key="serving:preset").set_value("Large").run()
    assert at.selectbox(key="serving.size").value == "L"


def test_words_of_the_tables_by_hand():
    row = {"max_batch": 8, "max_wait_ms": 0.0}
    assert policy_words(row) == "up to 8"
    assert policy_words(row | {"max_batch": 1}) == "one at a time"
    assert [stable_words(each) for each in (True, False, None)] == [
        "stable",
        "unstable",
        "not known",
    ]
    assert [time_words(ms) for ms in (None, 0.1234, 5, 12.34, 1234.5)] == [
        *("", "0.123", "5", "12.3", "1,234"),
    ]
    assert [share_words(share) for share in (None, 0.0, 0.001, 0.5)] == ["", "0 %", "0.1 %", "50 %"]
    variant = {"name": "x", "megabytes": 2.0, "smaller": 0.5}
    assert size_words(variant) == "2.00 MB, larger"
    assert size_words(variant | {"smaller": 1.0}) == "2.00 MB"
    speed = {"name": "x", "ms_1": 2.0, "speedup_1": 0.5, "words_1": "slower"}
    assert speed_words(speed, 1) == "2 ms, 2× slower"
    assert speed_words(speed | {"words_1": "the same"}, 1) == "2 ms, the same"
    assert speed_words(speed | {"ms_1": None}, 1) == ""
    right = {"accuracy": 0.761, "accuracy_low": 0.744, "accuracy_high": 0.777}
    assert accuracy_words(right) == "76.1 (74.4–77.7)"
    assert accuracy_words(right | {"accuracy_low": None}) == "76.1"
    assert machine_line({}) == "The machine is said with the first measurement."


def test_the_presets_are_those_of_the_lab(visit):
    at = visit(PAGE)
    assert len(at.segmented_control(key="serving:preset").options) == len(PRESETS["serving"])


def test_variants_to_come_keep_their_rows_free():
    made = variant_columns(("ort-int8",))
    found = with_waiting(made, ("ort-int8", "cnn"))
    assert found["name"] == ["served", "ort-int8", "cnn"]
    assert found["label"][2] == "CNN"
    assert found["speedup_1"][2] is None
    assert with_waiting({}, ("cnn",)) == {}


def test_of_a_visitors_own_file_only_what_can_be_tried_is_shown(open_run):
    tables = TABLES | {"variants": variant_columns(("ort-int8",))}
    at = open_run(ServingConfig(source="onnx"), events=lab_events(tables))
    assert not at.exception
    assert tried(ServingConfig(source="onnx")) == ("ort-int8",)
    assert len(table(at, "at_8")) == 2
    assert any(text.value.startswith("Of these only INT8") for text in at.caption)


def test_the_command_names_a_file_or_a_folder_in_the_models_place():
    assert command_of("serving", ServingConfig(source="onnx")).endswith(
        "core serving --set file=your_model.onnx --seed 0 --device cpu"
    )
    stored = ServingConfig(source="run", run="abc", model="lstm", size="M")
    assert command_of("serving", stored) == (
        "python -m core serving --set size=M --set model=lstm --set run=runs/abc --seed 0 "
        "--device cpu"
    )
