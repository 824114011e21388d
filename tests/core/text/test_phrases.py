import pytest

from core.text.phrases import listed, percent, short_number


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
