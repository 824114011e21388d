import math

import pytest

from core.text.parallel import read_parallel_paste

NAMES = [
    "model",
    "label",
    "budget",
    "bucket",
    "bleu",
    "low",
    "high",
    "n",
    "seconds",
    "updates",
    "parameters",
    "difference",
    "verdict",
]
MODELS = ("plain", "plain-pieces", "attention", "transformer-sinusoidal")
SETTINGS = {"schedule": "ladder", "models": MODELS, "hidden": 16, "updates": 12, "looks": 1}
EFFECTS = ("helps", "no effect here", "hurts")


@pytest.fixture
def ladder(translation_run):
    return translation_run(**SETTINGS)


def rows(run_, at=-1):
    columns = run_.of("table", name="ladder")[at].columns
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def test_every_model_has_a_row_for_each_budget_and_length(ladder):
    assert list(ladder.of("table", name="ladder")[-1].columns) == NAMES
    found = [(row["budget"], row["model"], row["bucket"]) for row in rows(ladder)]
    assert found == [
        (budget, model, bucket)
        for budget in ("updates", "compute")
        for model in MODELS
        for bucket in (5, 10, 20)
    ]


def test_the_first_half_is_shown_before_the_second_is_trained(ladder):
    first, last = ladder.of("table", name="ladder")
    assert set(first.columns["budget"]) == {"updates"}
    assert {name: last.columns[name][:12] for name in NAMES} == first.columns
    between = ladder.events[ladder.events.index(first) : ladder.events.index(last)]
    assert {event.kind for event in between[1:]} == {"progress"}
    assert [event.step for event in between[1:]] == list(range(13, 13 + len(between) - 1))
    assert between[-1].step == between[-1].total == last.step


def test_all_models_get_the_same_updates_and_then_about_the_same_seconds(ladder):
    for row in rows(ladder):
        if row["budget"] == "updates" or row["model"] == "attention":
            assert row["updates"] == 12
        else:
            assert row["updates"] >= 10


def test_the_charts_and_the_result_keep_the_run_of_equal_updates(ladder):
    assert ladder.column("plain", "step") == list(range(1, 13))
    for model, row in ladder.rows.items():
        assert row["updates"] == 12
        shown = [r for r in rows(ladder) if r["budget"] == "updates" and r["model"] == model]
        assert {str(r["bucket"]): r["bleu"] for r in shown} == row["bleu"]


def test_every_row_has_a_verdict_and_the_first_model_is_the_baseline(ladder):
    for row in rows(ladder):
        if row["model"] == "plain":
            assert (row["verdict"], row["difference"]) == ("baseline", 0.0)
        else:
            assert row["verdict"] in EFFECTS


def test_the_difference_is_that_of_the_two_rows(ladder):
    found = rows(ladder)
    for row in found:
        of_baseline = next(
            r["bleu"]
            for r in found
            if r["model"] == "plain"
            and (r["budget"], r["bucket"]) == (row["budget"], row["bucket"])
        )
        assert row["difference"] == pytest.approx(row["bleu"] - of_baseline, abs=1e-9)
        assert row["low"] <= row["bleu"] + 1e-9
        assert row["high"] >= row["bleu"] - 1e-9


def test_pieces_have_the_cost_of_the_model_whose_weights_they_use(ladder):
    found = rows(ladder)
    for budget in ("updates", "compute"):
        plain, pieces = (
            next(r for r in found if r["model"] == model and r["budget"] == budget)
            for model in ("plain", "plain-pieces")
        )
        for name in ("seconds", "updates", "parameters"):
            assert plain[name] == pieces[name]


def test_it_is_said_of_either_budget_who_helps_at_the_longest_trained_length(ladder):
    said = ladder.of("words")[-1].sentences[-2:]
    assert said[0].startswith("BLEU at 10 words, equal updates: baseline: Plain (")
    assert said[1].startswith("BLEU at 10 words, equal compute: baseline: Plain (")
    for sentence in said:
        for label in ("Plain, in pieces", "Attention", "Transformer sinusoidal"):
            assert sentence.count(f"{label} (") == 1


def test_lengths_without_a_test_pair_are_left_out_of_rows_and_sentences(translation_run):
    lines = "\n".join(f"a{i} b c d\te{i} f g h" for i in range(40))
    run_ = translation_run(
        task="own",
        text=read_parallel_paste(lines).packed(),
        schedule="ladder",
        models=("plain", "attention"),
        looks=1,
    )
    assert {row["bucket"] for row in rows(run_)} == {5}
    assert run_.of("words")[-1].sentences[-1].startswith("BLEU at 5 words, equal compute: base")


def test_of_one_sentence_nothing_is_concluded(translation_run):
    lines = [f"a{i} b c d\te{i} f g h" for i in range(40)]
    lines += [f"a{i} {'b ' * 9}\te{i} {'f ' * 9}" for i in range(5)]
    run_ = translation_run(
        task="own",
        text=read_parallel_paste("\n".join(lines)).packed(),
        schedule="ladder",
        models=("plain", "attention"),
        looks=1,
    )
    alone = [r for r in rows(run_) if r["bucket"] == 10 and r["model"] == "attention"]
    assert [(r["n"], r["difference"], r["verdict"]) for r in alone] == [
        (1, None, "too few to tell")
    ] * 2
    assert "too few to tell: Attention (" in run_.of("words")[-1].sentences[-1]


def test_a_run_whose_models_all_diverge_still_climbs_and_ends(translation_run):
    run_ = translation_run(
        schedule="ladder",
        models=("plain", "attention"),
        turns=((2, "learning_rate", 1e38), (2, "clip", 0.0)),
        looks=1,
    )
    assert run_.kinds()[-1] == "result"
    assert {row["budget"] for row in rows(run_)} == {"updates", "compute"}
    marks = run_.of("mark", what="diverged")
    assert sorted(mark.model for mark in marks) == ["attention", "plain"], "only the first half's"
    assert all(math.isfinite(row["bleu"]) for row in rows(run_))
