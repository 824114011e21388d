"""What if: the gradient before any training, for settings turned by hand.

Asked by the page through an inquiry process and answered in under half a second: nothing is
trained here.
"""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from core.diagnostics.gates import read_layer
from core.diagnostics.gradient_flow import closing_steps_table, gate_heatmap, gradient_flow_table
from core.errors import ConfigError, RunNotFound, TextError
from core.labs.checks import check_range
from core.labs.config import GradientFlowConfig
from core.labs.config_json import config_from_json
from core.labs.model import build_lab_model
from core.labs.prepare import Material, prepare_gradient_flow
from core.models.build import build_recurrent
from core.models.catalogue import find_spec
from core.models.recurrent import RecurrentModel, recurrent_weight
from core.training.events import Columns, to_json

INPUT_WIDTH = 16
SHOWN = ("rnn-orthogonal", "lstm-bias", "gru")
LONGEST_TEXT = 400


def gradient_picture(
    *,
    forget_bias: float = 1.0,
    gain: float = 1.0,
    input_scale: float = 1.0,
    length: int = 100,
    hidden: int = 64,
    seed: int = 0,
) -> dict[str, Columns]:
    """Return the gradient-flow columns at initialization for an RNN, an LSTM and a GRU.

    `gain` multiplies every recurrent matrix (of the RNN an orthogonal one, so that it is the
    spectral radius); `forget_bias` is the LSTM's forget bias and the GRU's update bias;
    `input_scale` is the standard deviation of the random input; `length` is in steps.

    Returns:
        By model: `distance`, `textbook_log10`, `exact_c_log10`, `exact_h_log10`.

    Raises:
        ConfigError: a setting is out of range.
    """
    check_range("forget_bias", forget_bias, -10, 10)
    check_range("gain", gain, 0, 10)
    check_range("input_scale", input_scale, 0, 10)
    check_range("length", length, 10, 1000)
    check_range("hidden", hidden, 16, 128)
    generator = torch.Generator().manual_seed(seed)
    inputs_TBI = torch.randn(length, 1, INPUT_WIDTH, generator=generator) * input_scale
    pictures = {}
    for name in SHOWN:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            recurrent = build_recurrent(
                find_spec(name), input_size=INPUT_WIDTH, hidden=hidden, forget_bias=forget_bias
            )
        with torch.no_grad():
            recurrent_weight(recurrent).mul_(gain)
            if isinstance(recurrent, nn.GRU):
                _set_update_bias(recurrent, forget_bias)
        table = gradient_flow_table(read_layer(recurrent, inputs_TBI))
        pictures[name] = {str(key): to_json(table[key].tolist()) for key in table.columns}
    return pictures


def _set_update_bias(gru: nn.GRU, bias: float) -> None:
    """Give the update gate, which keeps what a forget gate keeps, one bias; torch has two."""
    for name, value in (("bias_ih_l0", bias), ("bias_hh_l0", 0.0)):
        gru.get_parameter(name).chunk(3)[1].fill_(value)


def gates_over_text(
    *, config: dict[str, Any], checkpoint: str, model: str, text: str, own_text: str | None = None
) -> dict[str, Any]:
    """Return the gates of a trained model over a text that a person typed.

    Args:
        config: the run's gradient-flow config, as JSON.
        checkpoint: path of the weights that the run stored.
        model: the catalogue's name of the model.
        text: what to read, 2 to 400 characters.
        own_text: the text the run was trained on, where that was the visitor's own.

    Returns:
        `gate` (units x characters), `unit`, `symbol`, `unknown` (characters that the model never
        saw) and `closing`, columns (step, mean_gate).

    Raises:
        TextError: too short or too long a text.
        ConfigError: the run did not train on characters.
        RunNotFound: its weights are gone.
    """
    run_config = config_from_json("gradient-flow", config)
    assert isinstance(run_config, GradientFlowConfig)
    if run_config.task != "language-model":
        raise ConfigError("This run was trained on numbers; train the language model to read text.")
    if not 2 <= len(text) <= LONGEST_TEXT:
        raise TextError(f"The text has {len(text)} characters; give 2 to {LONGEST_TEXT}.")
    material = prepare_gradient_flow(run_config, own_text)
    trained = _load(run_config, material, model, checkpoint)
    assert material.vocabulary is not None
    ids = material.vocabulary.encode(text)
    with torch.no_grad():
        features_TBI = trained.features(torch.from_numpy(ids)[:, None])
    gates = read_layer(trained.recurrent, features_TBI)
    array, units = gate_heatmap(gates)
    closing = closing_steps_table(gates)
    return {
        "gate": [[round(float(value), 4) for value in row] for row in array],
        "unit": units,
        "symbol": list(text),
        "unknown": int((ids == 0).sum()),
        "closing": {str(key): closing[key].tolist() for key in closing.columns},
    }


def _load(
    config: GradientFlowConfig, material: Material, name: str, checkpoint: str
) -> RecurrentModel:
    model = build_lab_model(name, config, material.task)
    if not Path(checkpoint).is_file():
        raise RunNotFound("The weights of this run are gone; train it again.")
    model.load_state_dict(torch.load(Path(checkpoint), weights_only=True, map_location="cpu"))
    assert isinstance(model, RecurrentModel)
    return model.eval()
