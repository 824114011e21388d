import math

import numpy as np
import pytest
import sacrebleu

from core.errors import DeviceError, TextError
from core.labs.translation import run
from core.labs.translation_config import TranslationConfig
from core.text.parallel import read_parallel_paste
from core.training.events import as_record

ROW = {
    "model",
    "bleu",
    "bleu_low",
    "bleu_high",
    "n",
    "brevity_penalty",
    "seconds",
    "updates",
    "parameters",
    "diagnosis",
}
SHORT_PAIRS = "\n".join(
    f"{who} {does} the {what}\t{wer} {tut} das {was}"
    for who, wer in (("anna", "anna"), ("ben", "ben"), ("he", "er"), ("she", "sie"))
    for does, tut in (("sees", "sieht"), ("has", "hat"), ("takes", "nimmt"), ("wants", "will"))
    for what, was in (("book", "buch"), ("car", "auto"), ("picture", "bild"), ("horse", "pferd"))
)
COLUMNS = {
    "bleu": [
        "bucket",
        "low_length",
        "high_length",
        "n",
        "bleu",
        "low",
        "high",
        "brevity_penalty",
        "length_ratio",
        "chrf",
        "token_accuracy",
        "exact_match",
        "teacher_forced_accuracy",
        "trained",
    ],
    "progress": ["update", "bucket", "bleu"],
    "paired": ["model", "baseline", "bucket", "difference", "low", "high", "p_value", "n", "real"],
    "floor": ["bucket", "n", "bleu"],
    "samples": ["sample", "bucket", "source", "reference", "hypothesis", "log_probabilities"],
    "verdict": ["model", "verdict", "sentence"],
}
DIAGNOSIS = ("diagnosis", "bottleneck", "exposure", "length_effects", "positions", "recovery")


def first(run_, kind, **fields):
    return run_.events.index(run_.of(kind, **fields)[0])


def repeatable(event):
    """Return all of the event but how long something took."""
    record = as_record(event)
    record.pop("seconds", None)
    for row in record.get("results", []):
        row.pop("seconds")
    match event.kind:
        case "array":
            record["array"] = event.array.tolist()
        case "checkpoint":
            record["state"] = {name: tensor.tolist() for name, tensor in event.state.items()}
    return record


def test_the_events_come_in_the_order_that_a_reader_needs_them(translation_run):
    run_ = translation_run()
    kinds = run_.kinds()
    assert run_.events[0].name == "floor"
    assert kinds[1] == "series"
    assert kinds[-1] == "result"
    assert kinds.count("result") == 1
    last_round = first(run_, "progress", step=18)
    ends = [
        first(run_, "table", name="samples"),
        first(run_, "array", name="attention"),
        first(run_, "table", name="diagnosis"),
        first(run_, "table", name="verdict"),
        first(run_, "checkpoint"),
    ]
    assert [last_round, *ends] == sorted([last_round, *ends])
    assert kinds[-4:] == ["words", "checkpoint", "checkpoint", "result"]


def test_progress_is_told_after_every_round(translation_run):
    progress = translation_run().of("progress")
    assert [event.step for event in progress] == list(range(1, 19))
    assert {event.total for event in progress} == {18}


def test_both_models_are_tested_early_evenly_and_at_the_end(translation_run):
    run_ = translation_run()
    for model, steps in (("plain", [1, 6, 12, 18]), ("attention", [0, 2, 4, 6])):
        tables = run_.of("table", name="bleu", model=model)
        assert [event.step for event in tables] == steps
        assert [event.columns["n"] for event in tables] == [[2] * 3] * 3 + [[3] * 3]
        told = run_.of("table", name="progress", model=model)[-1].columns
        assert told["update"] == [step for step in steps for _ in range(3)]
        assert told["bucket"] == [5, 10, 20] * 4
        assert told["bleu"] == [bleu for event in tables for bleu in event.columns["bleu"]]


def test_every_table_has_its_columns_and_each_column_its_rows(translation_run):
    tables = translation_run().of("table")
    assert {*COLUMNS, *DIAGNOSIS, "attention_quality", "probe"} <= {e.name for e in tables}
    for event in tables:
        assert len({len(column) for column in event.columns.values()}) == 1, event.name
        if event.name in COLUMNS:
            assert list(event.columns) == COLUMNS[event.name]


def test_the_result_has_one_row_a_model_with_its_keys(translation_run):
    run_ = translation_run()
    assert list(run_.rows) == ["plain", "attention"]
    assert run_.result.device == "cpu"
    for model, row in run_.rows.items():
        assert set(row) >= ROW
        final = run_.of("table", name="bleu", model=model)[-1].columns
        for field, column in (("bleu", "bleu"), ("bleu_low", "low"), ("bleu_high", "high")):
            assert row[field] == dict(zip(["5", "10", "20"], final[column], strict=True))
        assert row["n"] == {"5": 3, "10": 3, "20": 3}
        assert set(row["diagnosis"]) == {"verdict", "evidence"}
        assert row["seconds"] > 0
        state = run_.of("checkpoint", model=model)[0].state
        assert row["parameters"] == sum(tensor.numel() for tensor in state.values())
        assert row["loss"] == pytest.approx(np.mean(run_.column(model, "loss")))


def test_bleu_is_sacrebleus_own_of_the_translations_that_are_shown(translation_run):
    run_ = translation_run()
    for model in ("plain", "attention"):
        samples = run_.of("table", name="samples", model=model)[-1].columns
        for bucket in (5, 10, 20):
            at = [i for i, value in enumerate(samples["bucket"]) if value == bucket]
            hypotheses = [samples["hypothesis"][i] for i in at]
            references = [samples["reference"][i] for i in at]
            bleu = sacrebleu.corpus_bleu(hypotheses, [references], tokenize="none").score
            assert run_.rows[model]["bleu"][str(bucket)] == pytest.approx(bleu, abs=1e-9)


def test_a_sample_has_a_probability_for_each_word_and_its_end(translation_run):
    samples = translation_run().of("table", name="samples", model="attention")[-1].columns
    for words, logs in zip(samples["hypothesis"], samples["log_probabilities"], strict=True):
        assert len(logs) - len(words.split()) in (0, 1)
        assert max(logs) <= 0


def test_attention_is_shown_with_its_words_and_its_rows_sum_to_one(translation_run):
    (event,) = translation_run().of("array")
    labels = event.labels
    assert event.model == "attention"
    assert event.array.shape == tuple(len(labels[k]) for k in ("map", "target", "source"))
    np.testing.assert_allclose(event.array.sum(-1), 1, atol=1e-5)


def test_the_verdict_of_every_model_is_in_table_words_and_result(translation_run):
    run_ = translation_run()
    (table,) = run_.of("table", name="verdict")
    words = " ".join(run_.of("words")[-1].sentences)
    assert table.columns["model"] == ["plain", "attention"]
    for model, verdict, sentence in zip(*table.columns.values(), strict=True):
        assert run_.rows[model]["diagnosis"]["verdict"] == verdict
        assert sentence[1:] in words


def test_the_same_config_gives_the_same_events(translation_run):
    once, again = translation_run(), translation_run.__wrapped__()
    assert [repeatable(event) for event in again.events] == [repeatable(e) for e in once.events]


def test_another_seed_gives_another_run(translation_run):
    losses = [translation_run(seed=seed).column("attention", "loss") for seed in (0, 1)]
    assert losses[0] != losses[1]


def test_what_a_model_learns_does_not_depend_on_who_learns_beside_it(translation_run):
    beside = translation_run()
    alone = translation_run(models=("attention",))
    many = translation_run(models=("attention-dot", "plain-gru", "attention"))
    for other in (alone, many):
        assert other.column("attention", "loss") == beside.column("attention", "loss")
        assert other.rows["attention"]["bleu"] == beside.rows["attention"]["bleu"]
        assert other.rows["attention"]["diagnosis"] == beside.rows["attention"]["diagnosis"]


def test_a_model_alone_is_compared_with_none(translation_run):
    run_ = translation_run(models=("attention",))
    assert run_.of("table", name="paired") == []
    paired = translation_run().of("table", name="paired")[-1].columns
    assert set(paired["model"]) == {"attention"}
    assert set(paired["baseline"]) == {"plain"}


def test_equal_updates_are_equal_and_their_own_are_not(translation_run):
    equal = translation_run(schedule="equal-updates").rows
    assert {row["updates"] for row in equal.values()} == {6}
    own = translation_run().rows
    assert {model: row["updates"] for model, row in own.items()} == {"plain": 18, "attention": 6}


def test_equal_compute_gives_the_attention_model_its_updates_and_the_others_its_seconds(
    translation_run,
):
    run_ = translation_run(
        schedule="equal-compute", updates=14, models=("plain", "attention", "attention-additive")
    )
    assert run_.rows["attention"]["updates"] == 14
    for model, row in run_.rows.items():
        assert row["updates"] >= 10
        steps = run_.column(model, "step")
        assert steps == list(range(1, row["updates"] + 1)), "the trial leaves no trace"


def test_plain_in_pieces_is_plain_with_the_source_cut(translation_run):
    run_ = translation_run(
        task="copy", models=("plain", "plain-pieces", "attention"), segment=20, looks=1
    )
    assert run_.of("series", model="plain-pieces") == []
    assert run_.of("checkpoint", model="plain-pieces") == []
    tables = [run_.of("table", name="samples", model=m)[-1] for m in ("plain", "plain-pieces")]
    whole, pieces = (table.columns["hypothesis"] for table in tables)
    short = [i for i, s in enumerate(tables[0].columns["source"]) if len(s.split()) <= 20]
    assert len(short) >= 6
    for i in short:  # one piece: the same words, as far as either may go on
        one, other = whole[i].split(), pieces[i].split()
        least = min(len(one), len(other))
        assert one[:least] == other[:least]
    cut = translation_run(
        task="copy", models=("plain", "plain-pieces", "attention"), segment=2, looks=1
    )
    assert cut.rows["plain"]["bleu"] == run_.rows["plain"]["bleu"]
    assert cut.rows["plain-pieces"]["bleu"] != run_.rows["plain-pieces"]["bleu"]
    row = run_.rows["plain-pieces"]
    assert set(row) >= ROW
    assert row["diagnosis"] == {"verdict": "not diagnosed", "evidence": []}
    for field in ("updates", "parameters", "seconds", "loss"):
        assert row[field] == run_.rows["plain"][field]


def test_ones_own_pairs_are_learned_and_lengths_without_a_test_pair_have_no_numbers(
    translation_run,
):
    packed = read_parallel_paste(SHORT_PAIRS).packed()
    run_ = translation_run(task="own", text=packed)
    assert "Your own parallel text" in run_.result.signature
    for model, row in run_.rows.items():
        assert (row["n"]["20"], row["bleu"]["20"], row["bleu_low"]["20"]) == (0, None, None)
        assert row["n"]["5"] > 0
        assert row["bleu"]["5"] is not None
        told = run_.of("table", name="progress", model=model)[-1].columns
        assert set(told["bucket"]) == {5}
    assert "no test sentence at 10" in " ".join(run_.of("words")[-1].sentences)


def test_a_tested_length_that_nothing_was_trained_near_has_no_probe(translation_run):
    lines = [f"a{i} b\te{i} f" for i in range(60)]
    lines += [f"a{i} {'b ' * 12}\te{i} {'f ' * 12}" for i in range(60)]
    packed = read_parallel_paste("\n".join(lines)).packed()
    run_ = translation_run(task="own", text=packed, buckets=(6, 9), longest=30)
    assert run_.rows["plain"]["n"]["9"] > 0
    for event in run_.of("table", name="probe"):
        assert event.columns["position"] == []


def test_ones_own_text_becomes_a_task(translation_run):
    text = "\n\n".join(f"the {n} of {n * n} had {n + 7} and {n % 5}." for n in range(99))
    run_ = translation_run(task="own-reverse", text=text, buckets=(5, 10), longest=20)
    samples = run_.of("table", name="samples", model="plain")[-1].columns
    assert samples["source"]
    for source, reference in zip(samples["source"], samples["reference"], strict=True):
        assert reference.split() == source.split()[::-1]


def test_an_own_task_without_a_text_is_refused():
    with pytest.raises(TextError, match="No text of your own was given"):
        next(run(TranslationConfig(task="own", device="cpu")))


def test_a_device_that_is_not_there_is_refused():
    with pytest.raises(DeviceError, match="must be one of auto"):
        next(run(TranslationConfig(device="abacus")))


def test_a_turned_dial_takes_effect_at_its_round_and_is_part_of_the_recipe(translation_run):
    turns = ((2, "clip", 0.01), (2, "learning_rate", 0.0))
    run_ = translation_run(schedule="equal-updates", turns=turns)
    untouched = translation_run(schedule="equal-updates")
    for model in ("plain", "attention"):
        assert run_.column(model, "threshold") == pytest.approx([1.0] * 2 + [0.01] * 4)
        losses, others = run_.column(model, "loss"), untouched.column(model, "loss")
        assert losses[:3] == others[:3]  # the third is measured before its update
        assert losses[3:] != others[3:]
    assert {(e.step, e.name, e.value) for e in run_.of("setting")} == set(turns)
    assert "turned: clip=0.01 after update 2" in run_.result.signature


def test_without_a_learning_rate_nothing_is_learned(translation_run):
    run_ = translation_run(turns=((0, "learning_rate", 0.0),))
    for model in ("plain", "attention"):
        tables = run_.of("table", name="bleu", model=model)
        forced = [event.columns["teacher_forced_accuracy"] for event in tables[:-1]]
        assert all(each == forced[0] for each in forced)


def test_a_huge_learning_rate_ends_with_a_result_that_says_so(translation_run):
    run_ = translation_run(learning_rate=10.0, clip=0.0, updates=20)
    said = run_.of("words")[-1].sentences
    for at, row in enumerate(run_.rows.values()):
        assert row["loss"] > math.log(60)  # worse than knowing nothing
        assert "has not learned the short ones yet" in said[at]


@pytest.mark.parametrize("decoding", [{}, {"beam": 2, "length_penalty": 1.0}])
def test_models_that_diverge_end_the_run_with_tables_and_result(translation_run, decoding):
    run_ = translation_run(
        schedule="equal-updates",
        models=("plain", "attention", "transformer-rotary"),
        hidden=16,
        turns=((2, "learning_rate", 1e38), (2, "clip", 0.0)),
        updates=20,
        **decoding,
    )
    marks = {mark.model: mark.step for mark in run_.of("mark", what="diverged")}
    assert set(marks) == {"plain", "attention", "transformer-rotary"}
    assert run_.of("progress")[-1].step < 20
    said = " ".join(run_.of("words")[-1].sentences)
    for model, row in run_.rows.items():
        assert row["diverged_at"] == marks[model] == row["updates"]
        assert row["diagnosis"]["verdict"] == "diverged"
        assert f"not finite at update {marks[model]}" in said
        assert run_.of("table", name="diagnosis", model=model) == []
