"""What a recurrent layer keeps and what flows back through it, as tables.

Every function takes gates that were read once: one probe is one `read_layer` and, for the
gradient, one `gradient_products`. "The gate" below is `LayerGates.keep_TBH`: the forget gate of
an LSTM, the update gate of a GRU, and in a plain RNN, which has no gate, the slope of the
activation. Padding never counts. A table without a single step is empty, with the same columns.

Shapes: T time, B batch, H hidden units, K distances, M positions that are not padding.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from torch import Tensor

from core.diagnostics.gates import LayerGates
from core.diagnostics.lyapunov import lyapunov_exponents
from core.diagnostics.products import gradient_products


@torch.no_grad()
def gradient_flow_table(layer_gates: LayerGates) -> pd.DataFrame:
    """Return how large the gradient is at each distance: the textbook's and the true one.

    The mean over the sequences of the logarithms (a geometric mean), so that one sequence does
    not decide; a sequence counts up to its own length. `gradient_products` says what each
    column means and where the textbook's leaves paths out. A large gradient shows that a step
    can still be taught from that far back, not that the layer remembers it.

    Columns:
        distance: steps back from the last one, 0 to T.
        textbook_log10: log10 of the size (1 at distance 0); -inf is an exact zero.
        exact_c_log10: the same through the cell of an LSTM; NaN without a cell.
        exact_h_log10: the same through the hidden state.
    """
    products = gradient_products(layer_gates)
    textbook_K = _mean_of_sequences(products.textbook_log10_KB, layer_gates)
    cell_log10_KB = products.cell_log10_KB
    return pd.DataFrame(
        {
            "distance": np.arange(len(textbook_K)),
            "textbook_log10": textbook_K,
            "exact_c_log10": np.full_like(textbook_K, np.nan)
            if cell_log10_KB is None
            else _mean_of_sequences(cell_log10_KB, layer_gates),
            "exact_h_log10": _mean_of_sequences(products.hidden_log10_KB, layer_gates),
        }
    )


@torch.no_grad()
def gate_histogram_table(layer_gates: LayerGates, *, bins: int = 40) -> pd.DataFrame:
    """Return how often the gate is how far open, over all units, steps and sequences.

    Two humps at 0 and 1 are gates that decide; one narrow hump is a gate that has not learned
    to. Values that are not finite, of a model that diverged, are left out.

    Columns:
        low, high: the edges of a bin, 0 to 1.
        share: the share of all values that lie in it; the shares add up to 1.
    """
    values = _gate_in_text(layer_gates).ravel()
    values = values[np.isfinite(values)]
    counts, edges = np.histogram(values, bins=bins, range=(0.0, 1.0))
    some = slice(None) if len(values) else slice(0)
    return pd.DataFrame(
        {
            "low": edges[:-1][some],
            "high": edges[1:][some],
            "share": counts[some] / max(len(values), 1),
        }
    )


@torch.no_grad()
def time_scale_table(layer_gates: LayerGates) -> pd.DataFrame:
    """Return for how many steps each unit keeps what it holds, the slowest unit first.

    1 / (1 - mean gate) is the time after which a leaky sum with this gate has lost all but 1/e
    (for large values). It speaks of the straight path only: a unit can also remember through
    the others. Source: Tallec and Ollivier 2018, section 2, https://arxiv.org/abs/1804.11188.

    Columns:
        unit: the index of the unit.
        mean_gate: over steps and sequences, 0 to 1.
        time_scale_steps: 1 and more; inf where the mean is 1 (a relu that is always active).
    """
    mean_gate_H = _gate_in_text(layer_gates).mean(0) if _has_steps(layer_gates) else np.zeros(0)
    with np.errstate(divide="ignore"):
        table = pd.DataFrame(
            {
                "unit": np.arange(len(mean_gate_H)),
                "mean_gate": mean_gate_H,
                "time_scale_steps": 1 / (1 - np.minimum(mean_gate_H, 1.0)),
            }
        )
    return table.sort_values("mean_gate", ascending=False, kind="stable", ignore_index=True)


@torch.no_grad()
def gate_heatmap(
    layer_gates: LayerGates, *, sequence: int = 0, most_units: int = 128, most_steps: int = 400
) -> tuple[npt.NDArray[np.float32], list[int]]:
    """Return the gate of one sequence as units x steps (0 to 1), and which unit each row is.

    The slowest unit of the whole batch is the first row; only the first `most_steps` steps and
    the slowest `most_units` units are returned.
    """
    units: list[int] = time_scale_table(layer_gates)["unit"].head(most_units).tolist()
    gate_TH = _gate_of_sequence(layer_gates, sequence)[:most_steps]
    return gate_TH[:, units].T.astype(np.float32), units


@torch.no_grad()
def closing_steps_table(
    layer_gates: LayerGates, *, sequence: int = 0, count: int = 20
) -> pd.DataFrame:
    """Return the steps of one sequence at which the gates are most closed, the lowest first.

    In a text these are the characters at which the layer forgets.

    Columns:
        step: the position in the sequence, from 0.
        mean_gate: over the units, 0 to 1.
    """
    gate_TH = _gate_of_sequence(layer_gates, sequence)
    table = pd.DataFrame({"step": np.arange(len(gate_TH)), "mean_gate": gate_TH.mean(1)})
    return table.sort_values("mean_gate", kind="stable", ignore_index=True).head(count)


@torch.no_grad()
def lyapunov_table(layer_gates: LayerGates, *, count: int = 8) -> pd.DataFrame:
    """Return the largest Lyapunov exponents, each the mean over the sequences.

    Columns:
        index: 1 is the largest.
        exponent_nats_per_step: above 0 small changes grow; see `lyapunov_exponents`.
    """
    exponents_BN = lyapunov_exponents(layer_gates, count=count)
    means_N = exponents_BN.nanmean(0).cpu().numpy() if _has_steps(layer_gates) else np.zeros(0)
    largest_first_N = -np.sort(-means_N)  # QR orders them only in the long run
    return pd.DataFrame(
        {"index": np.arange(1, len(means_N) + 1), "exponent_nats_per_step": largest_first_N}
    )


def _has_steps(layer_gates: LayerGates) -> bool:
    return bool(layer_gates.is_text.any())


def _mean_of_sequences(log10_KB: Tensor, layer_gates: LayerGates) -> npt.NDArray[np.float64]:
    longest = int(layer_gates.lengths_B.max()) + 1 if _has_steps(layer_gates) else 0
    means: npt.NDArray[np.float64] = log10_KB[:longest].nanmean(1).cpu().numpy()
    return means


def _gate_in_text(layer_gates: LayerGates) -> npt.NDArray[np.float64]:
    gate_MH = layer_gates.keep_TBH[layer_gates.is_text]
    values: npt.NDArray[np.float64] = gate_MH.cpu().double().numpy()
    return values


def _gate_of_sequence(layer_gates: LayerGates, sequence: int) -> npt.NDArray[np.float64]:
    gate_TH = layer_gates.keep_TBH[layer_gates.is_text[:, sequence], sequence]
    values: npt.NDArray[np.float64] = gate_TH.cpu().double().numpy()
    return values
