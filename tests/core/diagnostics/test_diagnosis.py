import pandas as pd
import pytest
import torch
from copying_translator import VOCABULARY, Copying, copies

from core.diagnostics.diagnosis import CAUSE_COLUMNS, best_maps, diagnose, reach_verdict
from core.diagnostics.findings import THRESHOLDS, Finding
from core.diagnostics.length_effects import DecodingSettings
from core.models.build_translator import build_translator
from core.models.translators import TRANSLATORS

SENTENCES = ("abcdefgh", "hgfedcba", "bdfhaceg", "gecahfdb", "aabbccdd", "ccaaddbb")
CUTS = DecodingSettings(beam=2, length_penalty=-4)


class Forgetful(Copying):
    """Its one vector holds the first two words and the last; there is no attention."""

    def __init__(self):
        super().__init__("state", doubt=1e-3)

    def start(self, memory):
        state = super().start(memory)
        lost_B1, source_BS = state.tensors
        kept_BS = torch.where((source_BS == 2) | (source_BS == 0), source_BS, 4)
        kept_BS[:, :2] = source_BS[:, :2]
        return type(state)(0, (lost_B1, kept_BS))


class Deaf(Copying):
    """Its vector is that of the first source, whichever it reads."""

    def __init__(self):
        super().__init__("state", doubt=0.3)

    def start(self, memory):
        state = super().start(memory)
        first_BS = state.tensors[1][:1].expand_as(state.tensors[1])
        return type(state)(0, (state.tensors[0], first_BS.clone()))


def overridden(override):
    model = Copying(doubt=1e-3)
    model.override = override
    return model


FAULTS = {
    "healthy": (Copying(), None, "nothing dominates"),
    "healthy, one vector": (Copying("state"), None, "nothing dominates"),
    "healthy, beam": (Copying(), DecodingSettings(beam=4, length_penalty=1), "nothing dominates"),
    "vector too small": (Forgetful(), None, "bottleneck"),
    "uniform": (overridden("uniform"), None, "attention"),
    "last": (overridden("last"), None, "attention"),
    "fragile, attention": (Copying(fragile=True), None, "exposure"),
    "fragile, one vector": (Copying("state", fragile=True), None, "exposure"),
    "penalty": (Copying(doubt=0.3), CUTS, "length"),
}


@pytest.mark.parametrize("gold", [True, False])
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_named_by_its_name(fault, gold):
    model, settings, wanted = FAULTS[fault]
    found = diagnose(model, [copies(*SENTENCES, gold=gold)], trained=[10], settings=settings)
    assert found.verdict == wanted
    named = found.causes.loc[found.causes["named"], "cause"].tolist()
    assert named == [wanted] * (wanted != "nothing dominates")


def test_a_decoder_that_knows_how_sentences_begin_but_not_this_one_has_a_bottleneck():
    sentences = copies("abcd", "abdc", "abef", "abfe", "abgh", "abhg")
    found = diagnose(Deaf(), [sentences], trained=[10])
    assert found.verdict == "bottleneck"
    assert "nothing of the source comes through it" in found.sentence
    knows_nothing = diagnose(Deaf(), [copies(*SENTENCES)], trained=[10])
    assert knows_nothing.verdict == "nothing dominates"


def test_the_causes_are_a_table_whose_names_follow_from_costs_and_thresholds():
    causes = diagnose(Forgetful(), [copies(*SENTENCES)], trained=[10]).causes
    assert list(causes) == list(CAUSE_COLUMNS)
    assert causes["cause"].tolist() == list(THRESHOLDS)
    assert (causes["named"] == (causes["cost"] >= causes["threshold"])).all()
    assert causes["cost"].between(0, 1).all()


def test_a_wrong_word_is_put_down_to_one_cause_only():
    causes = diagnose(overridden("uniform"), [copies(*SENTENCES)], trained=[10]).causes
    cost = causes.set_index("cause")["cost"]
    wrong = diagnose(overridden("uniform"), [copies(*SENTENCES)], trained=[10]).exposure
    assert cost["attention"] + cost["bottleneck"] <= wrong["teacher_forced_error"][0] + 1e-9


def test_the_verdict_names_the_number_that_decided_it():
    found = diagnose(Forgetful(), [copies(*SENTENCES)], trained=[10])
    cost = found.causes.set_index("cause")["cost"]["bottleneck"]
    assert f"This costs {100 * cost:.0f} % of the words" in found.sentence
    assert "named from 15 %" in found.sentence


def test_only_trained_lengths_are_diagnosed_and_the_others_are_said_apart():
    inside, outside = copies(*SENTENCES), copies(*(2 * s for s in SENTENCES), bucket=20)
    found = diagnose(Copying(stops=9), [inside, outside], trained=[10])
    assert found.verdict == "nothing dominates"
    assert "(20)" in found.beyond
    assert "extrapolation" in found.beyond
    assert found.exposure["bucket"].tolist() == found.length["bucket"].tolist() == [10, 20]
    assert diagnose(Copying(), [inside], trained=[10]).beyond == ""


@pytest.mark.parametrize("samples", [[], [copies()], [copies(*SENTENCES)]])
def test_without_a_trained_length_nothing_is_diagnosed(samples):
    found = diagnose(Copying(), samples, trained=[99])
    assert found.verdict == "nothing dominates"
    assert "no tested length" in found.sentence
    assert list(found.causes) == list(CAUSE_COLUMNS)
    assert found.causes.empty


def test_a_single_sentence_is_enough_not_to_fail():
    assert diagnose(Copying("state"), [copies("abc")], trained=[10]).verdict == "nothing dominates"


@pytest.mark.parametrize(
    "name", ["plain", "attention", "attention-gru", "hierarchical", "transformer-sinusoidal"]
)
def test_an_untrained_model_is_no_bottleneck_and_is_left_alone(name):
    size = VOCABULARY.size
    model = build_translator(TRANSLATORS[name], source_size=size, target_size=size, hidden=16)
    before = {key: weight.clone() for key, weight in model.state_dict().items()}
    sample = copies(*SENTENCES)
    found = diagnose(model.train(), [sample], trained=[10])
    assert found.verdict != "bottleneck"
    assert found.verdict != "nothing dominates" or "not learned enough yet" in found.sentence
    assert model.training
    assert all(torch.equal(before[key], weight) for key, weight in model.state_dict().items())
    again = diagnose(model, [sample], trained=[10])
    assert again.causes.equals(found.causes)


def test_the_costliest_of_those_that_reach_their_threshold_is_the_verdict():
    def verdict(**costs):
        findings = {each: Finding(costs.get(each, 0.0), "", each) for each in THRESHOLDS}
        return reach_verdict(findings, wrong=0.1)

    assert verdict(bottleneck=0.5, length=0.6)[0] == "length"
    assert "bottleneck (50 %)" in verdict(bottleneck=0.5, length=0.6)[1]
    assert verdict(exposure=0.24, length=0.11)[0] == "length"  # exposure is named from 0.25
    assert verdict(exposure=0.24)[0] == "nothing dominates"
    assert "exposure, 24 % of the words" in verdict(exposure=0.24)[1]


def test_of_several_maps_the_one_that_looks_right_counts():
    table = pd.DataFrame(
        {
            "bucket": [10, 10, 25, 25],
            "map": [0, 1, 0, 1],
            "matches_alignment": [0.2, 0.9, float("nan"), float("nan")],
            "diagonality": [1.0, 0.0, -0.9, 0.1],
        }
    )
    assert best_maps(table)["map"].tolist() == [1, 0]
    assert list(best_maps(table)) == list(table)
