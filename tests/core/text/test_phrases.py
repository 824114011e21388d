import pytest

from core.text.phrases import (
    interval_digits,
    listed,
    percent,
    percent_between,
    short_number,
    signed,
)


@pytest.mark.parametrize(
    ("names", "said"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_names_are_listed_as_one_says_them(names, said):
    assert listed(names) == said


def test_a_share_is_said_in_percent():
    assert [percent(share) for share in (0, 0.7336, 1)] == ["0.0 %", "73.4 %", "100.0 %"]


@pytest.mark.parametrize(
    ("value", "said"), [(0.4219, "0.42"), (13.4, "13"), (1234.0, "1200"), (0.0, "0"), (2.0, "2")]
)
def test_a_number_keeps_two_digits_that_count(value, said):
    assert short_number(value) == said


def test_a_difference_has_its_sign():
    assert [signed(3), signed(-0.84, 1), signed(0)] == ["+3", "\N{MINUS SIGN}0.8", "+0"]


def test_an_interval_of_ten_points_leaves_no_decimal():
    assert [interval_digits(*ends) for ends in ((0.56, 0.745), (0.7, 0.8), (0.74, 0.777))] == [
        0,
        0,
        1,
    ]
    assert percent_between(0.66, 0.563, 0.745) == "66 % (56 % to 74 %)"
    assert percent_between(0.781, 0.764, 0.796, " right") == "78.1 % right (76.4 % to 79.6 %)"
