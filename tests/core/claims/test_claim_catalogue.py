import pytest

from core.claims.catalogue import CLAIMS, claims_of, find_claim
from core.claims.checker import EXPERIMENTS
from core.errors import ConfigError
from core.labs.config import LABS


def test_every_claim_has_an_experiment_and_every_experiment_a_claim():
    assert set(CLAIMS) == set(EXPERIMENTS)
    assert len(set(EXPERIMENTS.values())) == len(EXPERIMENTS)


@pytest.mark.parametrize("number", CLAIMS)
def test_a_claim_says_what_is_said_what_to_look_at_and_where_it_is_settled(number):
    claim = find_claim(number)
    assert claim.number == number
    assert claim.lab in LABS
    assert all((claim.statement, claim.catch, claim.source))


def test_the_claims_of_a_lab_are_those_that_name_it():
    assert [c.number for c in claims_of("gradient-flow")] == [1, 2, 3, 4, 5]
    assert [c.number for c in claims_of("sentiment")] == list(range(6, 17))
    assert [c.number for c in claims_of("length")] == list(range(17, 26))
    assert [c.number for c in claims_of("clipping")] == [26, 27, 28, 29, 30]
    assert [c.number for c in claims_of("translation")] == [31, 32, 33, 34, 35, 36, 37]
    assert claims_of("claims") == []


def test_an_unknown_claim_lists_those_that_can_be_run():
    with pytest.raises(ConfigError, match="no claim 99; those that can be run are 1, 2, 3"):
        find_claim(99)
