"""The claim checker: every claim a row, run one by one or all, read back from the runs."""

from test_pages import until

from core.claims.catalogue import CLAIMS
from core.labs.config import ClaimsConfig
from pages.components import cache

PAGE = "pages/practice/claim_checker.py"
QUICK = (2, 3, 4)


def figures(at):
    return {metric.label: metric.value for metric in at.metric}


def me(at):
    return at.session_state["visitor"]


def checked(engine, at, only):
    """Have claims checked as this visitor, and wait for it."""
    run_id = cache.start_run("claims", ClaimsConfig(only=only), visitor=me(at))
    assert engine.pool.wait(run_id, 120) == "done"
    at.run()


def test_every_claim_is_a_row_that_can_be_run(visit):
    at = visit(PAGE)
    assert not at.exception
    assert {f"row_run:{number}" for number in CLAIMS} <= {button.key for button in at.button}
    assert figures(at)["Not run yet"] == str(len(CLAIMS))
    assert any("more than the 10 s" in caption.value for caption in at.caption)


def test_a_claim_is_run_by_its_button_and_a_new_session_still_has_the_verdict(visit, engine):
    at = visit(PAGE)
    at.button(key="row_run:29").click().run()
    (run_id,) = at.session_state["claim_runs"].values()
    record = until(engine, run_id, lambda record: record.is_ended)
    at.run()
    assert not at.exception
    said = [caption.value for caption in at.caption]
    assert any(record.verdicts[29]["measured"] in text and "Threshold" in text for text in said)
    assert any("UTC · seed 0 · device=cpu" in text for text in said)
    del at.session_state["claim_runs"]
    at.run()
    assert figures(at)["Not run yet"] == str(len(CLAIMS) - 1)
    assert at.button(key="row_run:29").label == "Run again"


def test_filters_leave_what_was_asked_for(visit, engine):
    at = visit(PAGE)
    checked(engine, at, QUICK)
    at.pills(key="claim_verdicts").set_value(["refuted"]).run()
    rows = {b.key for b in at.button if (b.key or "").startswith("row_run:")}
    assert rows == {f"row_run:{number}" for number in QUICK}
    at.pills(key="claim_labs").set_value(["serving"]).run()
    assert not [b for b in at.button if (b.key or "").startswith("row_run:")]
    assert any("No claim is left" in caption.value for caption in at.caption)


def test_a_link_shows_its_claim_first(visit):
    at = visit(PAGE, claim="26")
    assert at.button(key="linked_run:26").label == "Run"
    for other in ("99", "x", "-1", "\u0663"):
        found = visit(PAGE, claim=other)
        assert not found.exception
        assert not [b for b in found.button if (b.key or "").startswith("linked_run")]


def test_what_is_under_way_can_be_stopped(visit, engine):
    at = visit(PAGE)
    at.button(key="claims_all").click().run()
    (run_id,) = set(at.session_state["claim_runs"].values())
    until(engine, run_id, lambda record: record.verdicts)
    at.run()
    assert at.button(key="claims_all").disabled
    at.button(key="claims_stop").click().run()
    assert engine.pool.wait(run_id, 120) == "stopped"
    at.run()
    assert not at.exception
    assert not at.button(key="claims_all").disabled
    assert at.button(key="claims_missing").label.startswith("Run the ")


def test_the_labs_own_section_shows_the_same_verdict(visit, engine):
    at = visit(PAGE)
    checked(engine, at, (29,))
    at.switch_page("pages/labs/clipping.py").run()
    assert at.button(key="claims:clipping:29").label == "Run again"
