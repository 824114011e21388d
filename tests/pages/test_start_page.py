"""The start page trains when a visitor comes, once a visit, and not beside other training."""

import pytest

from core.labs.config import ClippingConfig
from pages.components import cache
from pages.components.start_training import LABEL

HOME = "pages/start/home.py"
LONG = ClippingConfig(hidden=16, window=10, updates=100_000, characters=5_000)


@pytest.fixture
def started(engine):
    """Return how to list the runs of the start page, newest first."""

    def listing():
        return [run for run in engine.store.listing(cache.EXAMPLE) if run.label == LABEL]

    yield listing
    for run in listing():
        if engine.pool.is_live(run.id):
            engine.pool.command(run.id, "stop")
            engine.pool.wait(run.id, 60)
        engine.store.delete(run.id)


def open_in_lab(at):
    return next(link.proto.query_string for link in at.get("page_link") if "Open in" in link.label)


def test_a_visit_begins_a_training_that_the_same_visit_goes_on_showing(visit, started):
    at = visit(HOME)
    assert not at.exception
    (run,) = started()
    assert run.id in open_in_lab(at)
    at.run()
    assert [each.id for each in started()] == [run.id]


def test_train_again_takes_another_seed(visit, engine, started):
    at = visit(HOME)
    (first,) = started()
    at.button(key="start_again").click().run()
    assert not at.exception
    newest, *_ = started()
    assert newest.id != first.id
    assert newest.id in open_in_lab(at)
    assert newest.config | {"seed": 0} == first.config | {"seed": 0}


def test_beside_other_training_the_last_one_is_shown(visit, engine, started):
    before = visit(HOME)
    (run,) = started()
    busy = cache.start_run("clipping", LONG, visitor="me")
    at = visit(HOME)
    assert [each.id for each in started()] == [run.id]
    assert open_in_lab(at) == open_in_lab(before)
    engine.pool.command(busy, "stop")
    engine.pool.wait(busy, 60)


def test_a_run_that_was_removed_is_replaced(visit, engine, started):
    at = visit(HOME)
    (run,) = started()
    engine.pool.command(run.id, "stop")
    engine.pool.wait(run.id, 60)
    engine.store.delete(run.id)
    at.run()
    assert not at.exception
    assert not at.error
    assert [each.id for each in started()] != [run.id]


def test_the_three_ways_and_the_six_labs_are_there(visit, started):
    at = visit(HOME)
    said = [element.value for element in at.markdown]
    for way in ("Explore", "Bring your own text", "Practise for the interview"):
        assert f"**{way}**" in said
    pages = {link.proto.page for link in at.get("page_link")}
    labs = {"gradient-flow", "clipping", "translation", "sentiment", "length", "serving"}
    assert labs | {"study", "trap-round", "claim-checker", "your-text"} <= pages
