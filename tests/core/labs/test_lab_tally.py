import math

from core.labs.tally import SeriesTally
from core.training.events import MarkEvent, ProgressEvent, SeriesEvent


def test_columns_add_up_and_what_was_not_measured_is_left_out():
    tally = SeriesTally()
    for values in ([1.0, None], [3.0]):
        tally.take(SeriesEvent(model="lstm", columns={"step": list(values), "loss": values}))
    tally.take(ProgressEvent(step=1, total=2))
    assert tally.column("lstm", "loss") == [1.0, 3.0]
    assert tally.column("gru", "loss") == []


def test_the_mean_is_of_the_last_finite_values():
    tally = SeriesTally()
    losses = [9.0, 2.0, 4.0, math.nan, math.inf]
    tally.take(SeriesEvent(model="lstm", columns={"step": list(range(5)), "loss": losses}))
    assert tally.mean_of_last("lstm", "loss", 2) == 3.0
    assert math.isnan(tally.mean_of_last("gru", "loss", 2))


def test_the_first_mark_of_a_kind_counts():
    tally = SeriesTally()
    for step in (5, 9):
        tally.take(MarkEvent(model="lstm", step=step, what="skipped", text=""))
    assert tally.first_mark("lstm", "skipped") == 5
    assert tally.first_mark("lstm", "solved") is None
