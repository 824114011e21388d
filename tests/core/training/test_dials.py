import pytest

from core.errors import ConfigError
from core.training.dials import Dials


def test_an_unknown_dial_lists_those_there_are():
    with pytest.raises(ConfigError, match="no live setting 'momentum'; it has: clip, threshold"):
        Dials(threshold=1, clip=2).turn("momentum", 0.9)
    with pytest.raises(ConfigError, match="it has: none"):
        Dials().turn("clip", 1)


def test_a_turn_is_taken_once():
    dials = Dials(clip=1.0)
    dials.turn("clip", 2)
    assert [(e.step, e.name, e.value) for e in dials.take(7)] == [(7, "clip", 2.0)]
    assert list(dials.take(8)) == []
    assert dials["clip"] == 2.0


def test_dials_turned_together_are_told_in_the_order_of_turning_each_with_its_last_value():
    dials = Dials(clip=1.0, learning_rate=0.1)
    for name, value in (("learning_rate", 0.2), ("clip", 3), ("learning_rate", 0.4)):
        dials.turn(name, value)
    assert [(e.name, e.value) for e in dials.take(0)] == [("learning_rate", 0.4), ("clip", 3.0)]


def test_nothing_turned_tells_nothing():
    assert list(Dials(clip=1.0).take(3)) == []
