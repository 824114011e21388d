"""The claim checker: a lab whose events are verdicts, each from an experiment run now."""

import time
from collections.abc import Callable, Iterator

import torch

from core.claims import (
    attention_as_written,
    clipping,
    gradient_flow,
    translation,
    translation_remedies,
)
from core.claims.catalogue import CLAIMS, find_claim
from core.claims.finding import Finding
from core.device import choose_device
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
}


def run(
    config: ClaimsConfig, *, dials: Dials | None = None, text: str | None = None
) -> Iterator[Event]:
    """Put each claim of `config.only` (none: all) to the test; yield a VerdictEvent for each.

    Raises:
        ConfigError: a claim has no experiment.
    """
    del dials, text  # an experiment is fixed
    choose_device(config.device)  # one that is not there is refused; the experiments need none
    device = torch.device("cpu")
    numbers = [find_claim(number).number for number in config.only or CLAIMS]
    started = time.perf_counter()
    verdicts = []
    for done, number in enumerate(numbers, start=1):
        verdict = check_claim(number, config.seed)
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
