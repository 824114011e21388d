"""A visitor's own parallel text: pasted or uploaded, or a sentence on why it cannot be used."""

import pytest

PAGE = "pages/labs/translation.py"
SECRET = "zqxjkv"
PAIRS = "\n".join(f"the {SECRET} number {i}\tle {SECRET} numero {i}" for i in range(40))
BAD = {
    "nothing": "",
    "one line": "a\tb",
    "one column": "alone\n" * 50,
    "spaces": " \n\t" * 100,
    "NUL throughout": f"\x00\x00{SECRET}\t\x00" * 100,
}


@pytest.fixture
def page(visit):
    """The page with the visitor's own parallel text as its task."""
    at = visit(PAGE)
    return at.selectbox(key="translation.task").set_value("own").run()


def paste(at, text):
    at.text_area(key="translation_pairs:pasted_pairs").set_value(text)
    return next(b for b in at.button if b.label == "Use these pairs").click().run()


def way(at, name):
    return at.segmented_control(key="translation_pairs:how").set_value(name).run()


def kept(at):
    assert not at.exception
    return {metric.label: metric.value for metric in at.metric}.get("Pairs kept")


def test_pasted_pairs_are_read_their_report_shown_and_a_run_gets_them(page, engine):
    at = paste(page, PAIRS + "\nragged\n\n")
    assert kept(at) == "40"
    assert not at.error
    assert any(text.value.startswith("- Dropped 1 row without") for text in at.caption)
    assert not at.button(key="train").disabled
    at.button(key="train").click().run()
    run_id = at.query_params["run"]
    text = (engine.store.folder(run_id) / "text.txt").read_text(encoding="utf-8")
    assert text.splitlines()[0] == f"the {SECRET} number 0\tle {SECRET} numero 0"
    engine.pool.command(run_id, "stop")
    engine.pool.wait(run_id, 60)


@pytest.mark.parametrize("name", BAD)
def test_pairs_that_cannot_be_used_are_answered_with_a_sentence(page, name):
    at = paste(page, BAD[name])
    assert kept(at) is None
    assert at.error
    assert not any(SECRET in error.value for error in at.error)
    assert at.button(key="train").disabled


def test_a_table_is_read_in_either_form(page):
    at = way(page, "A table")
    at.file_uploader(key="translation_pairs:file").upload(
        "mine.tsv", PAIRS.encode(), "text/tab-separated-values"
    ).run()
    assert kept(at) == "40"


def test_two_files_must_have_equally_many_lines(page):
    source, target = (
        "\n".join(row.split("\t")[side] for row in PAIRS.split("\n")) for side in (0, 1)
    )
    at = way(page, "Two files")
    at.file_uploader(key="translation_pairs:source").upload("s.txt", source.encode(), "text/plain")
    at.file_uploader(key="translation_pairs:target").upload(
        "t.txt", (target + "\nmore").encode(), "text/plain"
    ).run()
    assert "40 lines" in at.error[0].value
    at.file_uploader(key="translation_pairs:target").upload(
        "t.txt", target.encode(), "text/plain"
    ).run()
    assert kept(at) == "40"


def test_a_refused_text_leaves_the_one_before_in_use_and_it_can_be_forgotten(page):
    at = paste(page, PAIRS)
    at = paste(at, "one line")
    assert kept(at) == "40"
    assert at.info
    at.button(key="translation_pairs:forget").click().run()
    assert kept(at) is None
    assert at.button(key="train").disabled
