"""The tables of a probe."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from core.diagnostics.gates import LayerGates, read_layer
from core.diagnostics.gradient_flow import (
    closing_steps_table,
    gate_heatmap,
    gate_histogram_table,
    gradient_flow_table,
    lyapunov_table,
    time_scale_table,
)
from core.diagnostics.products import gradient_products

TABLES: dict[Callable[[LayerGates], pd.DataFrame], list[str]] = {
    gradient_flow_table: ["distance", "textbook_log10", "exact_c_log10", "exact_h_log10"],
    gate_histogram_table: ["low", "high", "share"],
    time_scale_table: ["unit", "mean_gate", "time_scale_steps"],
    closing_steps_table: ["step", "mean_gate"],
    lyapunov_table: ["index", "exponent_nats_per_step"],
}
LENGTHS = torch.tensor([4, 7, 1])


@pytest.fixture
def two_units() -> LayerGates:
    """An LSTM whose forget gates are 0.75 and 0.9, and half of both at the one step with input."""
    lstm = nn.LSTM(1, 2, dtype=torch.float64)
    with torch.no_grad():
        for parameter in lstm.parameters():
            parameter.zero_()
        target = torch.tensor([0.75, 0.9])
        lstm.bias_ih_l0[2:4] = target.logit()
        lstm.weight_ih_l0[2:4, 0] = (target / 2).logit() - target.logit()
    inputs = torch.tensor([0.0, 1.0, 0.0, 0.0], dtype=torch.float64)
    return read_layer(lstm, inputs[:, None, None])


def test_time_scales_are_sorted_from_slow_to_fast(two_units: LayerGates) -> None:
    table = time_scale_table(two_units)
    means = [0.9 * 3.5 / 4, 0.75 * 3.5 / 4]
    assert table["unit"].tolist() == [1, 0]
    assert table["mean_gate"].tolist() == pytest.approx(means)
    assert table["time_scale_steps"].tolist() == pytest.approx([1 / (1 - m) for m in means])


def test_gates_close_at_the_step_with_input(two_units: LayerGates) -> None:
    table = closing_steps_table(two_units, count=2)
    assert table["step"].tolist() == [1, 0]
    assert table["mean_gate"].tolist() == pytest.approx([0.4125, 0.825])


def test_a_heatmap_shows_the_slowest_unit_first(two_units: LayerGates) -> None:
    array, units = gate_heatmap(two_units, most_steps=3)
    assert units == [1, 0]
    assert array.dtype == np.float32
    assert array == pytest.approx(np.array([[0.9, 0.45, 0.9], [0.75, 0.375, 0.75]]))
    assert gate_heatmap(two_units, most_units=1)[0].shape == (1, 4)


def test_a_histogram_counts_each_gate_once(two_units: LayerGates) -> None:
    table = gate_histogram_table(two_units, bins=2)
    assert table.to_dict("list") == {
        "low": [0.0, 0.5],
        "high": [0.5, 1.0],
        "share": [0.25, 0.75],
    }


def test_gradient_flow_is_the_mean_of_the_logarithms(build_layers: Any, kind: str) -> None:
    layers, inputs_TBI = build_layers(kind)
    gates = read_layer(layers, inputs_TBI, lengths_B=LENGTHS)
    table, products = gradient_flow_table(gates), gradient_products(gates)
    assert table["distance"].tolist() == list(range(8))
    logs = products.hidden_log10_KB
    assert table["exact_h_log10"][2] == pytest.approx(logs[2, :2].mean().item())
    assert table["exact_h_log10"][7] == pytest.approx(logs[7, 1].item())
    assert table["exact_c_log10"].isna().all() == (kind != "lstm")


def test_shares_add_up_to_one_and_padding_does_not_count(build_layers: Any, kind: str) -> None:
    layers, inputs_TBI = build_layers(kind)
    padded = read_layer(layers, inputs_TBI, lengths_B=LENGTHS)
    assert gate_histogram_table(padded)["share"].sum() == pytest.approx(1)
    alone = read_layer(layers, inputs_TBI[:4, :1])
    assert len(closing_steps_table(padded, sequence=0)) == 4
    np.testing.assert_allclose(gate_heatmap(padded)[0].sum(), gate_heatmap(alone)[0].sum(), 1e-6)


def test_exponents_are_listed_from_the_largest(build_layers: Any, kind: str) -> None:
    layers, inputs_TBI = build_layers(kind, steps=100)
    table = lyapunov_table(read_layer(layers, inputs_TBI), count=3)
    assert table["index"].tolist() == [1, 2, 3]
    assert table["exponent_nats_per_step"].is_monotonic_decreasing


def test_a_relu_that_never_rests_has_no_time_scale() -> None:
    rnn = nn.RNN(1, 2, nonlinearity="relu")
    with torch.no_grad():
        rnn.weight_hh_l0.zero_()
        rnn.bias_ih_l0.fill_(100.0)
    table = time_scale_table(read_layer(rnn, torch.zeros(3, 1, 1)))
    assert np.isinf(table["time_scale_steps"]).all()


@pytest.mark.parametrize("table_of", TABLES)
def test_columns_are_those_declared_even_when_nothing_was_read(
    build_layers: Any, kind: str, table_of: Callable[[LayerGates], pd.DataFrame]
) -> None:
    layers, inputs_TBI = build_layers(kind)
    full = table_of(read_layer(layers, inputs_TBI))
    empty = table_of(read_layer(layers, inputs_TBI[:0]))
    assert list(full) == list(empty) == TABLES[table_of]
    assert len(full)
    assert empty.empty
    assert (full.dtypes == empty.dtypes).all()


def test_a_diverged_model_still_gives_every_table(build_layers: Any, kind: str) -> None:
    layers, inputs_TBI = build_layers(kind)
    with torch.no_grad():
        layers.weight_hh_l0.fill_(torch.nan)
    gates = read_layer(layers, inputs_TBI)
    for table_of, columns in TABLES.items():
        assert list(table_of(gates)) == columns
    assert gate_heatmap(gates)[0].shape == (5, 7)
