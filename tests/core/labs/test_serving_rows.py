import time

import pytest
import torch

from core.labs.serving_config import ServingConfig
from core.labs.serving_rows import COLUMNS, VariantTable, accuracy_columns

CONFIG = ServingConfig(calls=5)
IDS = {batch: torch.ones(batch, 4, dtype=torch.long) for batch in (1, 8)}


def pause(seconds):
    return lambda ids: time.sleep(seconds)


@pytest.fixture
def table():
    """A table whose served model takes 10 ms a pass and 2 MB."""
    table = VariantTable(CONFIG, "wall")
    row = table.begin("served", "Served", "served", "")
    row |= table.size(2.0) | table.race(pause(0.01), pause(0.01), IDS)
    table.add(row, step=1)
    return table


def test_the_served_model_is_as_fast_and_as_large_as_itself(table):
    row = table.rows[0]
    assert (row["smaller"], row["speedup_1"], row["words_1"]) == (1.0, 1.0, "")
    assert row["ms_1"] >= 10


def test_a_variant_is_faster_or_slower_by_what_was_measured(table):
    quick = table.race(pause(0.01), pause(0.001), IDS)
    slow = table.race(pause(0.01), pause(0.04), IDS)
    assert (quick["words_8"], slow["words_8"]) == ("faster", "slower")
    assert quick["speedup_1"] > 1 > slow["speedup_1"]
    assert quick["sustained"] > slow["sustained"] > 0


def test_a_batch_size_that_nobody_timed_and_a_variant_that_is_not_there_have_no_numbers(table):
    table.add(table.begin("int8", "INT8", "precision", "It cannot be made."), step=2)
    event = table.add(table.begin("bf16", "bf16", "precision", ""), step=3)
    assert list(event.columns) == list(COLUMNS)
    assert event.columns["ms_32"] == [None, None, None]
    assert event.columns["megabytes"] == [2.0, None, None]
    assert event.columns["note"][1] == "It cannot be made."


def test_half_the_bytes_are_2_times_smaller(table):
    assert table.size(1.0) == {"megabytes": 1.0, "smaller": 2.0}


def test_an_accuracy_has_the_interval_of_so_many_texts():
    few, many = accuracy_columns(0.75, 40), accuracy_columns(0.75, 4000)
    assert few["accuracy"] == 0.75
    assert few["accuracy_low"] < many["accuracy_low"] < 0.75 < many["accuracy_high"]
