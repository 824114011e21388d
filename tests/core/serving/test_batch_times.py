import numpy as np
import pytest

from core.errors import ConfigError
from core.serving.batch_times import LEVELS, ServiceTimes


def test_the_quantiles_of_calls_keep_their_mean_and_their_ends():
    calls = np.random.default_rng(0).gamma(2.0, 3.0, 30)
    times = ServiceTimes.measured({1: calls.tolist()})
    assert times.mean_ms(1) == pytest.approx(calls.mean(), rel=0.01)
    assert calls.min() <= times.of(1).min() <= times.of(1).max() <= calls.max()
    assert len(times.of(1)) == LEVELS


def test_one_call_is_all_there_is():
    assert set(ServiceTimes.measured({1: [3.0]}).of(1)) == {3.0}


def test_between_two_sizes_each_quantile_is_on_the_line():
    times = ServiceTimes.measured({1: [1.0, 2.0], 5: [5.0, 10.0]})
    assert np.allclose(times.of(2), 0.75 * times.of(1) + 0.25 * times.of(5))
    assert times.mean_ms(3) == pytest.approx((1.5 + 7.5) / 2)
    assert np.array_equal(times.of(5), times.quantiles_ms[1])


def test_the_order_in_which_sizes_were_timed_does_not_matter():
    one = ServiceTimes.measured({1: [1.0], 2: [1.5], 8: [4.0]})
    other = ServiceTimes.measured({8: [4.0], 1: [1.0], 2: [1.5]})
    assert np.array_equal(one.quantiles_ms, other.quantiles_ms)
    assert (one.sizes, one.largest) == ((1, 2, 8), 8)


def test_a_fixed_time_by_hand():
    times = ServiceTimes.fixed(2.0, 0.5, largest=9)
    assert [times.mean_ms(size) for size in (1, 2, 9)] == [2, 2.5, 6]
    assert ServiceTimes.fixed(2.0, largest=1).sizes == (1,)


def test_exponential_times_have_their_mean_their_spread_and_their_median():
    taken = ServiceTimes.exponential(4.0).of(1)
    assert taken.mean() == pytest.approx(4, rel=1e-3)
    assert taken.std() == pytest.approx(4, rel=5e-3)
    assert np.median(taken) == pytest.approx(4 * np.log(2), rel=1e-3)


def test_the_table_is_a_row_for_each_size():
    times = ServiceTimes.fixed(1.0, 1.0, largest=4)
    assert times.table(3) == [[1.0], [2.0], [3.0]]


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: ServiceTimes.measured({}), "no size were timed; size 1 is needed"),
        (lambda: ServiceTimes.measured({2: [1.0]}), "size 1 is needed too"),
        (lambda: ServiceTimes.measured({1: []}), "Batches of 1 have 0 times"),
        (lambda: ServiceTimes.measured({1: [1.0], 4: [1.0, 0.0]}), "Batches of 4 have 2 times"),
        (lambda: ServiceTimes.measured({1: [float("nan")]}), "each more than 0 ms"),
        (lambda: ServiceTimes.fixed(0.0), "A request takes 0 ms"),
        (lambda: ServiceTimes.exponential(-1.0), "A request takes -1 ms"),
        (lambda: ServiceTimes.exponential(1.0).of(2), "known from 1 to 1"),
        (lambda: ServiceTimes.fixed(1.0).of(0), "A batch of 0"),
    ],
)
def test_times_that_cannot_be_known_are_said(ask, message):
    with pytest.raises(ConfigError, match=message):
        ask()
