import math

import numpy as np
import pytest

from core.errors import ConfigError
from core.serving import queue_theory
from core.serving.batch_times import ServiceTimes
from core.serving.queue_theory import (
    THEORY_COLUMNS,
    erlang_c,
    in_system,
    md1_wait_ms,
    mmc_wait_ms,
    mmc_wait_quantile_ms,
    replicas_needed,
    theory_table,
)
from core.serving.queueing import Policy, simulate

FIFTY = ServiceTimes.fixed(50.0)


def erlang_c_by_the_sum(offered, servers):
    """Erlang's C formula as it is printed."""
    terms = [offered**k / math.factorial(k) for k in range(servers)]
    last = offered**servers / math.factorial(servers) * servers / (servers - offered)
    return last / (sum(terms) + last)


@pytest.mark.parametrize(("offered", "servers"), [(0.3, 1), (1.5, 2), (7.0, 8), (12.0, 20)])
def test_the_recursion_is_the_printed_sum(offered, servers):
    assert erlang_c(offered, servers) == pytest.approx(erlang_c_by_the_sum(offered, servers))


def test_waits_by_hand():
    assert md1_wait_ms(500, 1.0) == pytest.approx(0.5)
    assert md1_wait_ms(16, 50.0) == pytest.approx(100)
    assert mmc_wait_ms(500, 1.0) == pytest.approx(1.0)
    assert mmc_wait_ms(1000, 1.5, 2) == pytest.approx(1.5 * (9 / 14) / (2 - 1.5))


def test_a_fixed_time_halves_the_wait_of_an_exponential_one():
    for rate in (100, 500, 900):
        assert md1_wait_ms(rate, 1.0) == pytest.approx(mmc_wait_ms(rate, 1.0) / 2)


def test_theory_knows_no_wait_of_an_unstable_queue():
    assert md1_wait_ms(20, 50.0) == np.inf
    assert mmc_wait_ms(1000, 50.0, 50) == np.inf
    assert mmc_wait_quantile_ms(0.99, 1000, 50.0, 50) == np.inf
    assert erlang_c(50.0, 50) == 1.0


def test_the_quantile_of_a_wait_by_hand():
    assert mmc_wait_quantile_ms(0.9, 500, 1.0) == pytest.approx(math.log(0.5 / 0.1) / 0.5)
    assert mmc_wait_quantile_ms(0.4, 500, 1.0) == 0


@pytest.mark.parametrize("load", [0.5, 0.8])
def test_the_simulator_agrees_with_a_fixed_time_before_one_server(load):
    told = simulate(1e3 * load, Policy(), ServiceTimes.fixed(1.0), requests=300_000)
    assert told.wait_ms.mean() == pytest.approx(md1_wait_ms(1e3 * load, 1.0), rel=0.05)
    assert told.utilisation == pytest.approx(load, rel=0.01)


@pytest.mark.parametrize("servers", [1, 3, 8])
def test_the_simulator_agrees_with_exponential_times(servers):
    rate, times = 700.0 * servers, ServiceTimes.exponential(1.0)
    told = simulate(rate, Policy(replicas=servers), times, requests=300_000)
    assert told.wait_ms.mean() == pytest.approx(mmc_wait_ms(rate, 1.0, servers), rel=0.05)
    tail = mmc_wait_quantile_ms(0.99, rate, 1.0, servers)
    assert np.quantile(told.wait_ms, 0.99) == pytest.approx(tail, rel=0.08)
    waiting = erlang_c(0.7 * servers, servers)
    assert (told.wait_ms > 0).mean() == pytest.approx(waiting, rel=0.05)


def test_littles_law_holds_with_batches_and_waits():
    times = ServiceTimes.fixed(2.0, 0.5, largest=16)
    policy = Policy(max_batch=16, max_wait_ms=3, replicas=2)
    told = simulate(1500, policy, times, requests=50_000)
    assert told.in_system == pytest.approx(in_system(1500, told.mean), rel=0.02)


def test_50_requests_are_inside_where_1000_a_second_take_50_ms():
    assert in_system(1000, 50) == 50


def test_1000_a_second_of_50_ms_need_51_replicas_and_more_to_be_in_time():
    needed = replicas_needed(1000, FIFTY, 100)
    assert needed.least_stable == 51
    assert needed.least_in_time == 53
    assert simulate(1000, Policy(replicas=53), FIFTY).p99 <= 100
    assert simulate(1000, Policy(replicas=52), FIFTY).p99 > 100


def test_an_answer_that_takes_longer_than_the_deadline_is_late_with_any_number():
    assert replicas_needed(1000, FIFTY, 49, requests=2000).least_in_time is None
    exact = replicas_needed(1000, FIFTY, 50, requests=2000).least_in_time
    assert exact is not None
    assert exact > 60


def test_waiting_for_a_batch_can_be_what_is_late():
    waits = Policy(max_batch=8, max_wait_ms=20)
    times = ServiceTimes.fixed(1.0, 0.1)
    assert replicas_needed(100, times, 15, policy=waits, requests=2000).least_in_time is None
    assert replicas_needed(100, times, 25, policy=waits, requests=2000).least_in_time == 1


def test_full_batches_need_fewer_replicas():
    times = ServiceTimes.fixed(10.0, 1.0)
    batched = replicas_needed(1000, times, 100, policy=Policy(max_batch=32), requests=5000)
    assert batched.least_stable == 2
    assert replicas_needed(1000, times, 100, requests=5000).least_stable == 11


@pytest.mark.parametrize("most", [1, 5, 64, 1000])
def test_the_search_finds_the_least_number(most):
    for least in (1, 3):
        for edge in (1, 2, 3, 4, 17, 63, 64, 65, 2000):
            expected = max(edge, least) if edge <= max(most, least) else None
            assert queue_theory._least(lambda n, edge=edge: n >= edge, least, most) == expected


@pytest.mark.parametrize(("rate", "deadline", "named"), [(0, 5, "rate"), (5, 0, "deadline_ms")])
def test_a_load_or_a_deadline_of_nothing_is_refused(rate, deadline, named):
    with pytest.raises(ConfigError, match=f"{named} is 0; it must be more than 0"):
        replicas_needed(rate, FIFTY, deadline)


def test_the_table_of_laws_has_a_row_each_and_its_errors_are_shares():
    chosen = simulate(15, Policy(), FIFTY, requests=5000)
    table = theory_table(chosen, 15, requests=20_000)
    assert tuple(table) == THEORY_COLUMNS
    assert table["law"][:3] == ["Little's law", "M/D/1 at 50% load", "M/D/1 at 80% load"]
    assert table["theory"][1:3] == pytest.approx([0.5, 2.0])
    for theory, simulated, error in zip(*list(table.values())[2:], strict=True):
        assert error == pytest.approx(abs(simulated - theory) / theory)
        assert error < 0.2
