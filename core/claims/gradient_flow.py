"""Claims 1-5: what flows back through time. Each experiment takes a seed and returns a finding.

Legend: B batch, T time, I input width.
"""

import math
from collections.abc import Sequence
from statistics import median

import torch
from torch import Tensor, nn

from core.claims.finding import Finding, decide
from core.diagnostics.gates import read_layer
from core.diagnostics.gradient_flow import gradient_flow_table
from core.labs.words import power_of_ten
from core.models.build import build_recurrent
from core.models.catalogue import find_spec
from core.models.recurrent import Recurrent, recurrent_weight

SEEDS = 5
STEPS = 100
HIDDEN = 64
INPUT_WIDTH = 16


def gate_product_is_the_gradient(seed: int, *, gain: float = 1.0) -> Finding:
    """Claim 1: compare the product of forget gates with the exact dc_T/dc_0.

    `gain` multiplies the recurrent weights; at 0 there is no path through h, and the claim holds.
    """
    gaps: list[float] = []
    for name, bias in (("lstm", 0.0), ("lstm-bias", 1.0), ("lstm-bias", 3.0)):
        for each in range(seed, seed + SEEDS):
            recurrent = _recurrent(name, each, forget_bias=bias, gain=gain)
            flow = _flow(recurrent, each)
            gaps.append(flow["exact_c_log10"] - flow["textbook_log10"])
    factors = [10 ** abs(gap) for gap in gaps]
    wrong = sum(factor > 2 for factor in factors)
    return Finding(
        verdict=decide(supported=len(gaps) - wrong, refuted=wrong),
        measured=f"exact / product = {_times(median(factors))} (median; "
        f"{_times(min(factors))} to {_times(max(factors))})",
        threshold="within a factor of 2",
        n=len(gaps),
        sentence=f"After {STEPS} steps the product of gates is off by more than a factor of 2 in "
        f"{wrong} of {len(gaps)} untrained LSTMs with forget biases 0, 1 and 3: it leaves out the "
        "path through h.",
    )


def vanishing_is_learned(seed: int, *, model: str = "lstm") -> Finding:
    """Claim 2: measure the gradient of an LSTM, by default torch's, before any learning."""
    sizes = [_flow(_recurrent(model, s), s) for s in range(seed, seed + SEEDS)]
    hidden = [size["exact_h_log10"] for size in sizes]
    vanished = sum(value < -6 for value in hidden)
    return Finding(
        verdict=decide(supported=SEEDS - vanished, refuted=vanished),
        measured=f"the untrained LSTM keeps {power_of_ten(median(hidden))} after {STEPS} steps",
        threshold="less than 10⁻⁶ refutes it",
        n=SEEDS,
        sentence=f"Nothing was learned, and {vanished} of {SEEDS} default LSTMs keep less than a "
        "millionth: their forget gates start near one half.",
    )


# model, factor on its recurrent matrix, size of its inputs
ABOVE_ONE = (("rnn", 1.0, 1.0), ("rnn-orthogonal", 1.5, 4.0))


def norm_above_one_explodes(
    seed: int, *, cases: Sequence[tuple[str, float, float]] = ABOVE_ONE
) -> Finding:
    """Claim 3: take RNNs whose recurrent matrix has a norm above 1, and see what is kept.

    torch's default (norm about 1.1), and an orthogonal matrix times 1.5 with inputs large enough
    to use the bend of tanh.
    """
    norms, sizes = [], []
    for each in range(seed, seed + SEEDS):
        for name, gain, scale in cases:
            recurrent = _recurrent(name, each, gain=gain)
            norm = float(torch.linalg.matrix_norm(recurrent_weight(recurrent).detach(), 2))
            if norm > 1:
                norms.append(norm)
                sizes.append(_flow(recurrent, each, scale)["exact_h_log10"])
    shrank = sum(size < 0 for size in sizes)
    return Finding(
        verdict=decide(supported=len(sizes) - shrank, refuted=shrank),
        measured=f"norms {min(norms):.2f} to {max(norms):.2f}, gradient "
        f"{power_of_ten(median(sizes))} after {STEPS} steps",
        threshold="growth (above 1) supports it",
        n=len(sizes),
        sentence=f"{shrank} of {len(sizes)} RNNs with a norm above 1 lose their gradient: a norm "
        "above 1 is necessary to explode, not sufficient.",
    )


def lstm_cannot_explode(seed: int, *, gain: float = 3.0) -> Finding:
    """Claim 4: forget bias 3 and recurrent weights `gain` times torch's."""
    exact, products = [], []
    for each in range(seed, seed + SEEDS):
        flow = _flow(_recurrent("lstm-bias", each, forget_bias=3.0, gain=gain), each)
        exact.append(flow["exact_c_log10"])
        products.append(flow["textbook_log10"])
    exploded = sum(value > 1 for value in exact)
    return Finding(
        verdict=decide(supported=SEEDS - exploded, refuted=exploded),
        measured=f"exact {power_of_ten(median(exact))}, product of gates "
        f"{power_of_ten(median(products))} after {STEPS} steps",
        threshold="growth by more than 10 refutes it",
        n=SEEDS,
        sentence=f"{exploded} of {SEEDS} LSTMs with forget bias 3 and large recurrent weights grow "
        "their gradient more than tenfold, while the product of gates stays below 1.",
    )


def vanishing_is_through_layers(seed: int, *, steps: int = STEPS) -> Finding:
    """Claim 5: what three layers cost at one step, against what `steps` steps cost in one layer."""
    depth = [_cost_of_depth(each) for each in range(seed, seed + SEEDS)]
    time = [
        -_flow(_recurrent("rnn", each), each, steps=steps)["exact_h_log10"]
        for each in range(seed, seed + SEEDS)
    ]
    through_time = sum(t > 5 * d for t, d in zip(time, depth, strict=True))
    return Finding(
        verdict=decide(supported=SEEDS - through_time, refuted=through_time),
        measured=f"two layers up cost {median(depth):.1f} decades, {steps} steps "
        f"{median(time):.1f}",
        threshold="time costs over 5 times as many decades",
        n=SEEDS,
        sentence=f"In {through_time} of {SEEDS} RNNs the gradient is lost through time, not "
        "through the layers.",
    )


def _recurrent(
    name: str, seed: int, *, forget_bias: float = 1.0, layers: int = 1, gain: float = 1.0
) -> Recurrent:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        recurrent = build_recurrent(
            find_spec(name),
            input_size=INPUT_WIDTH,
            hidden=HIDDEN,
            layers=layers,
            forget_bias=forget_bias,
        )
    with torch.no_grad():
        recurrent_weight(recurrent).mul_(gain)
    return recurrent


def _inputs(seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(1000 + seed)
    return torch.randn(STEPS, 1, INPUT_WIDTH, generator=generator)


def _flow(
    recurrent: Recurrent, seed: int, scale: float = 1.0, steps: int = STEPS
) -> dict[str, float]:
    """Return the sizes at the full distance, log10, for random inputs of that scale."""
    table = gradient_flow_table(read_layer(recurrent, _inputs(seed)[:steps] * scale))
    row = table.iloc[-1]
    return {str(name): float(row[name]) for name in table.columns}


def _cost_of_depth(seed: int) -> float:
    """Return the decades that the gradient loses from the third layer to the first, at one step.

    By autograd: the Jacobian of the top layer's h_T by the bottom layer's, over sqrt(H).
    """
    recurrent = _recurrent("rnn", seed, layers=3)
    hidden_BH = torch.zeros(1, HIDDEN)
    for step_BI in _inputs(seed):
        hidden_BH = _layer_step(recurrent, 0, step_BI, hidden_BH)

    def top(bottom_H: Tensor) -> Tensor:
        upper_BH = bottom_H[None]
        for layer in (1, 2):
            upper_BH = _layer_step(recurrent, layer, upper_BH, torch.zeros(1, HIDDEN))
        return upper_BH[0]

    jacobian_HH = torch.func.jacrev(top)(hidden_BH[0].detach())
    norm = float(torch.linalg.matrix_norm(jacobian_HH.detach())) / math.sqrt(HIDDEN)
    return -math.log10(norm)


def _layer_step(recurrent: nn.RNNBase, layer: int, below: Tensor, before: Tensor) -> Tensor:
    weights = (
        getattr(recurrent, f"{kind}_l{layer}")
        for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    return torch.rnn_tanh_cell(below, before, *weights)


def _times(factor: float) -> str:
    return f"{factor:.2g}" if factor < 1000 else power_of_ten(math.log10(factor))
