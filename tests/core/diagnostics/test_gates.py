"""Gates from the fused kernel, against a slow loop over cells."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from core.diagnostics.gates import LayerGates, forget_gates, read_gates, read_layer
from core.errors import ConfigError

LENGTHS = torch.tensor([4, 7, 1])


def slow_steps(recurrent: Any, suffix: str, inputs_TI: Tensor, state: Any) -> list[dict[str, Any]]:
    """Read one sequence with one direction of one layer, one step and one gate at a time."""
    w, u = getattr(recurrent, f"weight_ih{suffix}"), getattr(recurrent, f"weight_hh{suffix}")
    zero = torch.zeros(len(w), dtype=w.dtype)
    b = getattr(recurrent, f"bias_ih{suffix}", zero)
    a = getattr(recurrent, f"bias_hh{suffix}", zero)
    hidden, cell = state
    steps = []
    for token in inputs_TI:
        step = {"hidden_before": hidden, "cell_before": cell}
        pre, re = w @ token + b, u @ hidden + a
        if recurrent.mode == "LSTM":
            i, f, g, o = (pre + re).split(recurrent.hidden_size)
            step |= {"input": i.sigmoid(), "forget": f.sigmoid(), "candidate": g.tanh()}
            step |= {"output": o.sigmoid(), "log_forget": f.sigmoid().log()}
            cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
            hidden = o.sigmoid() * cell.tanh()
        elif recurrent.mode == "GRU":
            (r, z, n), (rh, zh, nh) = (v.split(recurrent.hidden_size) for v in (pre, re))
            reset, update = (r + rh).sigmoid(), (z + zh).sigmoid()
            candidate = (n + reset * nh).tanh()
            step |= {"reset": reset, "update": update, "candidate": candidate}
            step |= {"candidate_recurrent": nh, "log_forget": update.log()}
            hidden = (1 - update) * candidate + update * hidden
        else:
            step |= {"preactivation": pre + re}
            hidden = (pre + re).tanh() if recurrent.mode == "RNN_TANH" else (pre + re).relu()
        steps.append(step | {"hidden": hidden, "cell": cell})
    return steps


def slow_gates(recurrent: Any, inputs_TI: Tensor, initial: Any) -> list[dict[str, Tensor]]:
    """Read one sequence with the whole module: a dict of (T, H) a layer and direction."""
    layers = []
    for layer in range(recurrent.num_layers):
        outputs = []
        for suffix in (f"_l{layer}", f"_l{layer}_reverse")[: 1 + recurrent.bidirectional]:
            is_back = suffix.endswith("reverse")
            state = [rows[len(layers)] for rows in initial]
            steps = slow_steps(
                recurrent, suffix, inputs_TI.flip(0) if is_back else inputs_TI, state
            )
            steps = steps[::-1] if is_back else steps
            layers.append({name: torch.stack([s[name] for s in steps]) for name in steps[0]})
            outputs.append(layers[-1]["hidden"])
        inputs_TI = torch.cat(outputs, -1)
    return layers


def named_tensors(gates: LayerGates) -> dict[str, Tensor]:
    named = dict(gates.gates)
    named |= {"hidden": gates.hidden_TBH, "hidden_before": gates.hidden_before_TBH}
    if gates.cell_TBH is not None and gates.cell_before_TBH is not None:
        named |= {"cell": gates.cell_TBH, "cell_before": gates.cell_before_TBH}
    if gates.log_forget_TBH is not None:
        named["log_forget"] = gates.log_forget_TBH
    return named


def test_an_lstm_worked_out_by_hand() -> None:
    lstm = nn.LSTM(1, 1, dtype=torch.float64)
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(torch.tensor([[0.0], [0.0], [1.0], [0.0]]))
        lstm.weight_hh_l0.zero_()
        lstm.bias_ih_l0.copy_(torch.tensor([0.0, 3.0, 0.0, 0.0]).log1p())  # forget: log 4
        lstm.bias_hh_l0.zero_()
    (gates,) = read_gates(lstm, torch.tensor([[[1.0]], [[0.0]]], dtype=torch.float64))
    written = 0.5 * math.tanh(1.0)
    assert gates.gates["forget"].flatten().tolist() == pytest.approx([0.8, 0.8])
    assert gates.gates["input"].flatten().tolist() == pytest.approx([0.5, 0.5])
    assert gates.cell_TBH is not None
    assert gates.cell_TBH.flatten().tolist() == pytest.approx([written, 0.8 * written])


@pytest.mark.parametrize("is_padded", [False, True])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2, 3])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_every_gate_is_that_of_a_slow_loop(
    build_layers: Any, kind: str, num_layers: int, bidirectional: bool, is_padded: bool, dtype: Any
) -> None:
    layers, inputs_TBI = build_layers(
        kind, num_layers=num_layers, bidirectional=bidirectional, dtype=dtype
    )
    lengths = LENGTHS if is_padded else torch.tensor([7, 7, 7])
    rows = num_layers * (1 + bidirectional)
    hidden, cell = torch.randn(2, rows, 3, 5, dtype=dtype)
    found = read_gates(
        layers,
        inputs_TBI,
        initial=(hidden, cell) if kind == "lstm" else hidden,
        lengths_B=LENGTHS if is_padded else None,
    )
    assert [(g.layer, g.direction) for g in found] == [
        (layer, direction)
        for layer in range(num_layers)
        for direction in ("forward", "backward")[: 1 + bidirectional]
    ]
    tolerance = 2e-6 if dtype == torch.float32 else 1e-12
    for b, length in enumerate(lengths.tolist()):
        with torch.no_grad():
            slow = slow_gates(layers, inputs_TBI[:length, b], (hidden[:, b], cell[:, b]))
        for fast, expected in zip(found, slow, strict=True):
            for name, tensor_TBH in named_tensors(fast).items():
                error = (tensor_TBH[:length, b] - expected[name]).abs().max()
                assert error < tolerance, name
                assert not tensor_TBH[length:, b].any(), name


@pytest.mark.parametrize("bidirectional", [False, True])
def test_hidden_states_are_those_of_a_packed_batch(
    build_layers: Any, kind: str, bidirectional: bool
) -> None:
    layers, inputs_TBI = build_layers(kind, num_layers=2, bidirectional=bidirectional)
    packed = pack_padded_sequence(inputs_TBI, LENGTHS, enforce_sorted=False)
    expected, _ = pad_packed_sequence(layers(packed)[0], total_length=7)
    found = read_gates(layers, inputs_TBI, lengths_B=LENGTHS)[-(1 + bidirectional) :]
    torch.testing.assert_close(torch.cat([g.hidden_TBH for g in found], -1), expected.detach())


def test_a_layer_without_biases_or_with_the_batch_first_is_read_alike(
    build_layers: Any, kind: str
) -> None:
    layers, inputs_TBI = build_layers(kind, bias=False, batch_first=True)
    (gates,) = read_gates(layers, inputs_TBI)
    expected, _ = layers(inputs_TBI.transpose(0, 1))
    torch.testing.assert_close(gates.hidden_TBH, expected.transpose(0, 1).detach())


def test_one_layer_is_that_of_all(build_layers: Any, kind: str) -> None:
    layers, inputs_TBI = build_layers(kind, num_layers=2, bidirectional=True)
    for expected in read_gates(layers, inputs_TBI):
        found = read_layer(layers, inputs_TBI, layer=expected.layer, direction=expected.direction)
        torch.testing.assert_close(found.keep_TBH, expected.keep_TBH, rtol=0, atol=0)
    assert read_layer(layers, inputs_TBI).layer == 1


def test_known_outputs_save_the_fused_pass(build_layers: Any, kind: str) -> None:
    layers, inputs_TBI = build_layers(kind)
    outputs_TBH, _ = layers(inputs_TBI)
    found = read_layer(layers, inputs_TBI, outputs_TBH=outputs_TBH)
    expected = read_layer(layers, inputs_TBI)
    torch.testing.assert_close(found.keep_TBH, expected.keep_TBH)
    assert not found.hidden_TBH.requires_grad


@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_cheap_forget_gates_are_the_exact_ones(build_layers: Any, bidirectional: bool) -> None:
    layers, inputs_TBI = build_layers("lstm", num_layers=2, bidirectional=bidirectional)
    expected = read_layer(layers, inputs_TBI, lengths_B=LENGTHS).gates["forget"]
    torch.testing.assert_close(forget_gates(layers, inputs_TBI, lengths_B=LENGTHS), expected)


def test_the_slope_of_a_saturated_tanh_does_not_round_to_zero() -> None:
    rnn = nn.RNN(1, 1)
    with torch.no_grad():
        for parameter in rnn.parameters():
            parameter.fill_(0.0)
        rnn.bias_ih_l0.fill_(20.0)
    slope = read_layer(rnn, torch.zeros(1, 1, 1)).keep_TBH.item()
    assert slope == pytest.approx(1.699e-17, rel=1e-3)


def test_reading_gates_changes_nothing(build_layers: Any, kind: str) -> None:
    layers, inputs_TBI = build_layers(kind, num_layers=2, bidirectional=True, dropout=0.5)
    layers(inputs_TBI)[0].sum().backward()
    layers.register_forward_hook(lambda *_: pytest.fail("the module itself was called"))
    before = {name: p.detach().clone() for name, p in layers.named_parameters()}
    gradients = {name: p.grad.clone() for name, p in layers.named_parameters()}
    inputs_before, random_before = inputs_TBI.clone(), torch.get_rng_state()
    found = read_gates(layers.train(), inputs_TBI.requires_grad_(), lengths_B=LENGTHS)
    assert layers.training
    assert torch.is_grad_enabled()
    assert torch.equal(torch.get_rng_state(), random_before)
    assert torch.equal(inputs_TBI, inputs_before)
    for name, parameter in layers.named_parameters():
        assert torch.equal(parameter, before[name])
        assert torch.equal(parameter.grad, gradients[name])
    assert not any(t.requires_grad for g in found for t in named_tensors(g).values())


def test_gates_stay_when_the_training_goes_on(build_layers: Any) -> None:
    layers, inputs_TBI = build_layers("lstm")
    gates = read_layer(layers, inputs_TBI)
    weight = gates.weight_hh.clone()
    with torch.no_grad():
        layers.weight_hh_l0.add_(1.0)
    assert torch.equal(gates.weight_hh, weight)


def test_no_steps_give_no_gates(build_layers: Any, kind: str) -> None:
    layers, inputs_TBI = build_layers(kind, num_layers=2, steps=0)
    assert [g.keep_TBH.shape for g in read_gates(layers, inputs_TBI)] == [(0, 3, 5)] * 2


def test_what_cannot_be_read_is_refused(build_layers: Any) -> None:
    layers, inputs_TBI = build_layers("lstm", num_layers=2)
    with pytest.raises(ConfigError, match=r"Layer 2, forward, is not in this model: it has 2"):
        read_layer(layers, inputs_TBI, layer=2)
    with pytest.raises(ConfigError, match="backward, is not in this model"):
        read_layer(layers, inputs_TBI, direction="backward")
    with pytest.raises(ConfigError, match="one layer in one direction"):
        read_gates(layers, inputs_TBI, outputs_TBH=inputs_TBI)
    projected = nn.LSTM(4, 5, proj_size=2, dtype=torch.float64)
    with pytest.raises(ConfigError, match="proj_size=0"):
        read_gates(projected, inputs_TBI)
