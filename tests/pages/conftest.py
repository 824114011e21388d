"""The app without a browser: one engine a file of tests, in a home of its own."""

import gc
import multiprocessing
from pathlib import Path

import length_records
import pytest
import sentiment_records
import serving_records
import translation_records
from streamlit.testing.v1 import AppTest

from pages.components import cache
from pages.components import engine as engine_module

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """The engine that the pages of this file share; nothing is left of it afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEQSCOPE_HOME", str(tmp_path_factory.mktemp("home")))
        found = cache.engine()
        cache.practice_store()
    for records in (length_records, sentiment_records, serving_records, translation_records):
        records.stored_example(found.store)  # they train for a while; other examples for seconds
    yield found
    found.pool.close()
    found.desk.close()
    found.long_desk.close()
    engine_module._engine = None
    cache.practice_store().close()
    for cached in (cache.engine, cache.practice_store, cache.key_ring):
        cached.clear()
    gc.unfreeze()
    assert multiprocessing.active_children() == []


@pytest.fixture
def visit(engine):
    """Return how to open a page through the front door: its script, and the link's parameters."""

    def open_page(script, **parameters):
        at = AppTest.from_file(APP, default_timeout=120).run()
        at.query_params.update(parameters)
        return at.switch_page(script).run()

    return open_page
