"""The claim checker: a lab whose events are verdicts, each from an experiment run now."""

import time
from collections.abc import Callable, Iterator, Mapping

import torch

from core.claims import (
    attention_as_written,
    clipping,
    gradient_flow,
    length,
    length_as_written,
    length_padding,
    length_remedies,
    sentiment,
    sentiment_as_written,
    sentiment_costs,
    sentiment_sizes,
    serving,
    translation,
    translation_remedies,
)
from core.claims.catalogue import CLAIMS, find_claim
from core.claims.finding import Finding
from core.device import choose_device
from core.errors import RunError, SeqScopeError
from core.labs.config import ClaimsConfig
from core.labs.signature import signature
from core.training.dials import Dials
from core.training.events import Event, ProgressEvent, ResultEvent, VerdictEvent

EXPERIMENTS: dict[int, Callable[[int], Finding]] = {
    1: gradient_flow.gate_product_is_the_gradient,
    2: gradient_flow.vanishing_is_learned,
    3: gradient_flow.norm_above_one_explodes,
    4: gradient_flow.lstm_cannot_explode,
    5: gradient_flow.vanishing_is_through_layers,
    6: sentiment_as_written.squeezed_state_is_the_last,
    7: sentiment_as_written.final_state_is_read,
    8: sentiment_as_written.cnn_runs_on_any_review,
    9: sentiment_sizes.cnn_has_fewer_parameters,
    10: sentiment.pretraining_needs_more_data,
    11: sentiment.stated_accuracies_hold,
    12: sentiment_costs.cnn_is_nearly_as_good_for_less,
    13: sentiment_sizes.lstm_is_twice_as_large,
    14: sentiment_costs.cnn_is_four_times_as_fast,
    15: sentiment.reviews_suit_all_models,
    16: sentiment.cnn_captures_negation,
    17: length.position_is_what_is_new,
    18: length.gates_saturate,
    19: length.rounding_accumulates,
    20: length_as_written.carried_chunks_mend_accuracy,
    21: length_as_written.class_answers_any_length,
    22: length_remedies.truncated_backpropagation_is_a_remedy,
    23: length_remedies.overlapping_segments_are_recurrence,
    24: length_remedies.transformers_take_any_length,
    25: length_padding.texts_are_cut_to_lengths,
    26: clipping.return_value_is_the_norm_after,
    27: clipping.architecture_decides,
    28: clipping.direction_is_preserved,
    29: clipping.cures_nonfinite,
    30: clipping.percentile_of_unclipped_norms,
    31: translation.bleu_follows_the_stated_curve,
    32: translation.similar_states_prove_a_bottleneck,
    33: attention_as_written.snippet_is_right,
    34: translation.schedule_reaches_inference,
    35: translation_remedies.sampling_is_a_remedy,
    36: translation_remedies.transformers_hold,
    37: translation_remedies.bidirectional_is_a_drop_in,
    38: serving.batches_of_32_cure_latency,
    39: serving.int8_is_four_times_smaller_and_twice_as_fast,
    40: serving.steps_in_sequence_take_the_time,
    41: serving.four_remedies_are_all,
}


def run(
    config: ClaimsConfig, *, dials: Dials | None = None, text: str | None = None
) -> Iterator[Event]:
    """Put each claim of `config.only` (none: all) to the test; yield a VerdictEvent for each.

    Raises:
        ConfigError: a claim has no experiment.
        RunError: after the result of all others, some could not be run; it says which, and why.
    """
    del dials, text  # an experiment is fixed
    choose_device(config.device)  # one that is not there is refused; the experiments need none
    device = torch.device("cpu")
    numbers = [find_claim(number).number for number in config.only or CLAIMS]
    started = time.perf_counter()
    verdicts = []
    causes: dict[int, str] = {}
    for done, number in enumerate(numbers, start=1):
        try:
            verdict = check_claim(number, config.seed)
        except SeqScopeError as error:
            causes[number] = str(error)
        else:
            verdicts.append(verdict)
            yield verdict
        yield ProgressEvent(step=done, total=len(numbers))
    yield ResultEvent(
        signature=signature("claims", config, device=device),
        device=device.type,
        seconds=time.perf_counter() - started,
        results=[
            {
                "id": v.claim,
                "verdict": v.verdict,
                "measured": v.measured,
                "threshold": v.threshold,
                "n": v.n,
                "seconds": round(v.seconds, 3),
            }
            for v in verdicts
        ],
    )
    if causes:
        raise RunError(not_run_sentence(causes))


def not_run_sentence(causes: Mapping[int, str]) -> str:
    """Return which claims could not be run, with each cause once."""
    by_cause: dict[str, list[str]] = {}
    for number, cause in causes.items():
        by_cause.setdefault(cause, []).append(str(number))
    return " ".join(
        f"Claim{'s' if len(numbers) > 1 else ''} {', '.join(numbers)} could not be run. {cause}"
        for cause, numbers in by_cause.items()
    )


def check_claim(number: int, seed: int) -> VerdictEvent:
    """Run the experiment of claim `number` and return its verdict."""
    started = time.perf_counter()
    with torch.random.fork_rng(devices=[]):
        found = EXPERIMENTS[find_claim(number).number](seed)
    return VerdictEvent(
        claim=number,
        verdict=found.verdict,
        measured=found.measured,
        threshold=found.threshold,
        n=found.n,
        seconds=time.perf_counter() - started,
        sentence=found.sentence,
    )
