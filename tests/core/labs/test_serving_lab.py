import base64

import pytest
from serving_runs import TINY, newest, rows_of, serve
from tiny_onnx import mean_of_ids

from core.labs.serving_config import BATCHES, LENGTHS
from core.labs.serving_measure import SERVICE
from core.labs.serving_queue import REPLICAS, SERVED
from core.labs.serving_rows import COLUMNS
from core.labs.serving_shrink import DISTILLATION

TABLES = {
    "machine": ["device", "threads", "cores", "cpu", "torch", "bf16", "clock"],
    "service": list(SERVICE),
    "samples": ["batch", "wall_ms", "cpu_ms"],
    "served": list(SERVED),
    "latencies": ["bin_low", "bin_high", "simulated", "replayed"],
    "batches": ["batch", "share_simulated", "share_replayed"],
    "replay": ["quantity", "simulated", "replayed", "error"],
    "grid": ["rate", "max_batch", "p99", "stable"],
    "best": ["rate", "max_batch", "p99"],
    "theory": ["law", "quantity", "theory", "simulated", "error"],
    "replicas": list(REPLICAS),
    "variants": list(COLUMNS),
    "distillation": list(DISTILLATION),
}


def test_every_table_has_its_columns_and_equally_many_rows():
    run = serve()
    tables = run.of("table")
    assert {event.name for event in tables} == set(TABLES)
    for event in tables:
        assert list(event.columns) == TABLES[event.name], event.name
        assert len({len(values) for values in event.columns.values()}) == 1, event.name


def test_measuring_comes_before_serving_and_that_before_shrinking():
    names = [event.name for event in serve().of("table")]
    first = {name: names.index(name) for name in TABLES}
    assert first["machine"] < first["service"] < first["served"] < first["replay"]
    assert first["replicas"] < first["variants"]


def test_the_row_of_the_results_has_what_the_command_line_promises():
    (row,) = serve().result.results
    assert list(row["service_ms"]) == [str(batch) for batch in BATCHES]
    assert all(0 < p50 <= p95 for p50, p95 in row["service_ms"].values())
    for policy in row["policies"]:
        assert {"rate", "max_batch", "max_wait_ms", "p50", "p99", "utilisation", "stable"} <= set(
            policy
        )
    assert [each["name"] for each in row["variants"]] == ["served", *TINY["variants"]]
    for variant in row["variants"]:
        assert {"name", "megabytes", "speedup", "accuracy", "flips"} <= set(variant)
        assert list(variant["speedup"]) == ["1", "8", "32"]


def test_every_batch_size_and_length_is_timed_with_a_row():
    rows = rows_of(serve(), "service")
    assert [row["batch"] for row in rows[: len(BATCHES)]] == list(BATCHES)
    assert {(row["batch"], row["words"]) for row in rows[len(BATCHES) :]} == {
        (batch, words) for batch in (1, 32) for words in LENGTHS
    }
    for row in rows:
        assert row["calls"] >= TINY["calls"]
        assert 0 < row["wall_p50"] <= row["wall_p95"] <= row["wall_p99"]
        assert row["throughput"] == pytest.approx(1e3 * row["batch"] / row["wall_p50"])


def test_every_batch_size_is_known_after_its_first_turn_and_gets_more_calls_in_the_next():
    looks = [event.columns for event in serve().of("table", name="samples")]
    assert set(looks[len(BATCHES) - 1]["batch"]) == set(BATCHES)
    calls = [len(columns["batch"]) for columns in looks]
    assert calls == sorted(calls)
    assert len(looks) == 3 * len(BATCHES)


def test_the_chosen_policy_comes_first_and_alone_is_chosen():
    rows = rows_of(serve(max_batch=4, max_wait_ms=2.0, variants=()), "served")
    assert [row["is_chosen"] for row in rows] == [True] + [False] * (len(rows) - 1)
    assert (rows[0]["max_batch"], rows[0]["max_wait_ms"]) == (4, 2.0)
    assert len({(row["max_batch"], row["max_wait_ms"]) for row in rows}) == len(rows)


def test_the_shares_of_latencies_and_of_batches_sum_to_1():
    run = serve()
    for name in ("simulated", "replayed"):
        assert sum(newest(run, "latencies")[name]) == pytest.approx(1)
        assert sum(newest(run, "batches")[f"share_{name}"]) == pytest.approx(1)


def test_a_request_of_50_ms_needs_51_replicas_to_be_stable_at_1000_a_second():
    row = rows_of(serve(), "replicas")[-1]
    assert (row["service_ms"], row["rate"], row["least_stable"]) == (50.0, 1000.0, 51)
    assert row["least_in_time"] > 51


def test_variants_appear_one_after_the_other_each_faster_slower_or_the_same():
    run = serve()
    looks = [event.columns["name"] for event in run.of("table", name="variants")]
    assert looks == [["served", *TINY["variants"]][: at + 1] for at in range(len(looks))]
    for row in rows_of(run, "variants")[1:]:
        assert {row[f"words_{batch}"] for batch in (1, 8, 32)} <= {"faster", "slower", "the same"}
        assert row["accuracy_low"] <= row["accuracy"] <= row["accuracy_high"]


def test_the_runtime_of_the_same_weights_flips_no_answer_and_int8_shrinks_the_whole_model():
    rows = {row["name"]: row for row in rows_of(serve(), "variants")}
    assert rows["served"]["flips"] == rows["ort-fp32"]["flips"] == 0
    assert rows["served"]["smaller"] == 1
    assert rows["ort-fp32"]["accuracy"] == rows["served"]["accuracy"]
    assert rows["ort-int8"]["smaller"] > 3.3
    assert rows["scratch"]["megabytes"] == rows["distilled"]["megabytes"]


def test_a_teacher_is_judged_over_paired_seeds_with_an_interval():
    run = serve()
    rows = rows_of(run, "distillation")
    assert [row["seed"] for row in rows] == [0, 1]
    for row in rows:
        assert row["difference"] == pytest.approx(row["distilled"] - row["scratch"])
    note = next(row["note"] for row in rows_of(run, "variants") if row["name"] == "distilled")
    assert "over 2 seeds" in note


def test_progress_is_told_all_the_time_and_ends_at_its_total():
    steps = [event for event in serve().events if event.kind == "progress"]
    assert [each.step for each in steps] == sorted(each.step for each in steps)
    assert {each.total for each in steps} == {steps[-1].step}


def test_without_variants_nothing_is_trained():
    run = serve(max_batch=4, max_wait_ms=2.0, variants=())
    assert not run.of("table", name="variants")
    assert run.result.results[0]["variants"] == []


def test_a_visitors_file_is_measured_served_and_shrunk_and_nobody_knows_what_is_right():
    run = serve(text=base64.b64encode(mean_of_ids()).decode(), source="onnx")
    served, smaller = rows_of(run, "variants")
    assert (served["name"], smaller["name"]) == ("served", "ort-int8")
    assert served["accuracy"] is smaller["accuracy"] is None
    assert 0 <= smaller["flips"] < 0.5
    assert smaller["sustained"] > 0
    assert "nobody here knows" in smaller["note"]
    assert run.of("words")[-1].sentences[0].startswith("Your model answers one request in")


def test_a_file_that_takes_one_request_at_a_time_has_no_speed_of_batches():
    text = base64.b64encode(mean_of_ids(shape=(1, "words"))).decode()
    run = serve(text=text, source="onnx", variants=("ort-int8",))
    assert list(run.result.results[0]["service_ms"]) == ["1"]
    assert {row["max_batch"] for row in rows_of(run, "served")} == {1}
    for row in rows_of(run, "variants"):
        assert row["ms_1"] > 0
        assert row["ms_8"] is row["speedup_32"] is None
