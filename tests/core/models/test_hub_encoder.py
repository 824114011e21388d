import json
import shutil
import socket
import sys

import pytest
import torch
from tiny_encoders import TEXTS, save_encoder
from tiny_pretrained import transformers_or_skip

from core.errors import ConfigError, DataMissingError
from core.models.hub_encoder import HubEncoder
from core.models.open_encoder import open_encoder
from core.models.pretrained import ENCODERS
from core.models.sentence_encoder import inside, mean_state

transformers_or_skip()
MOST = 12


def opened(folder):
    return open_encoder(str(folder), most_pieces=MOST)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return {kind: save_encoder(tmp_path_factory.mktemp(kind), kind) for kind in ENCODERS}


@pytest.fixture(autouse=True)
def no_network(monkeypatch, tmp_path):
    """Every try to look up or reach another machine fails the test."""

    def refuse(*_, **__):
        pytest.fail("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))


@pytest.fixture(params=ENCODERS)
def kind(request):
    return request.param


@pytest.fixture
def encoder(folders, kind):
    return opened(folders[kind])


def test_it_reads_as_every_encoder_does(encoder):
    assert isinstance(encoder, HubEncoder)
    assert encoder.encode(["good film", ""]) == [[2, 4, 6, 3], [2, 3]]
    assert encoder.names([2, 4]) == ["[CLS]", "good"]
    assert encoder.table.num_embeddings == 14
    cut = encoder.encode(["the plot " * 40])[0]
    assert (len(cut), cut[-1], encoder.count_cut(["the plot " * 40])) == (MOST, 3, 1)


def test_neither_padding_nor_neighbours_change_a_state(encoder):
    rows = encoder.encode(TEXTS)
    together = encoder.inputs(rows)
    means = mean_state(encoder(together), together.lengths_B)
    for row, mean in zip(rows, means, strict=True):
        alone = encoder.inputs([row])
        own = mean_state(encoder(alone), alone.lengths_B)[0]
        torch.testing.assert_close(own, mean, atol=1e-5, rtol=0)


def test_attention_rows_sum_to_1_and_padding_gets_nothing(encoder):
    inputs = encoder.inputs(encoder.encode(TEXTS))
    states = encoder(inputs)
    weights = encoder.attention(inputs)
    mask = inside(inputs.lengths_B, states.shape[1])
    rows = weights[mask[:, None].expand(weights.shape[:3])]
    assert weights.shape[1] == len(encoder.maps)
    torch.testing.assert_close(rows.sum(-1), torch.ones(len(rows)))
    assert weights[0, :, 0, int(inputs.lengths_B[0]) :].abs().max() < 1e-6
    torch.testing.assert_close(encoder(inputs), states)


def test_its_two_top_layers_can_learn_alone_where_it_has_layers(encoder, kind):
    if kind == "albert":
        with pytest.raises(ConfigError, match="share their weights"):
            encoder.blocks()
        return
    twin = encoder.tunable(encoder.blocks()[-2:])
    inputs = twin.inputs(twin.encode(TEXTS))
    mean_state(twin(inputs), inputs.lengths_B).square().sum().backward()
    learned = [weight for weight in twin.parameters() if weight.grad is not None]
    assert all(weight.requires_grad for weight in learned)
    size = sum(weight.numel() for weight in learned)
    assert 0 < size < sum(weight.numel() for weight in encoder.parameters()) / 1.5
    assert all(weight.grad is None for weight in encoder.parameters())


def test_what_it_says_is_what_transformers_says(encoder, folders, kind):
    transformers = transformers_or_skip()
    theirs = transformers.AutoModel.from_pretrained(str(folders[kind])).eval()
    inputs = encoder.inputs(encoder.encode(TEXTS[:1]))
    with torch.no_grad():
        said = theirs(input_ids=inputs.pieces_BT).last_hidden_state
    torch.testing.assert_close(encoder(inputs), said, atol=1e-5, rtol=0)


def test_it_is_opened_once_until_its_files_change(folders, tmp_path):
    first = opened(folders["bert"])
    assert opened(f" {folders['bert']}/ ") is first
    assert opened(shutil.copytree(folders["bert"], tmp_path / "copy")) is not first


@pytest.fixture
def broken(folders, tmp_path):
    return shutil.copytree(folders["bert"], tmp_path / "broken")


def test_pickled_weights_are_refused_unopened(broken):
    (broken / "model.safetensors").unlink()
    (broken / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    with pytest.raises(ConfigError, match=r"only \.bin ones, which can run code when opened"):
        opened(broken)


def test_a_missing_weight_is_not_left_to_chance_but_the_pooler_is_not_missed(broken):
    from safetensors.torch import load_file, save_file

    weights = load_file(broken / "model.safetensors")
    rest = {name: weight for name, weight in weights.items() if "pooler" not in name}
    save_file(rest, broken / "model.safetensors", metadata={"format": "pt"})
    opened(broken)
    del rest["encoder.layer.0.output.dense.weight"]
    save_file(rest, broken / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ConfigError, match="1 of the encoder's weights are not in the folder"):
        opened(broken)


def test_a_tokenizer_of_another_model_is_a_sentence(broken):
    config = json.loads((broken / "config.json").read_text())
    (broken / "config.json").write_text(json.dumps(config | {"vocab_size": 10}))
    with pytest.raises(ConfigError, match=r"not of the same|cannot be opened as a sent"):
        opened(broken)


def test_a_tokenizer_without_padding_is_a_sentence(broken):
    path = broken / "tokenizer_config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps({k: v for k, v in config.items() if k != "pad_token"}))
    with pytest.raises(ConfigError, match="does not say which pieces pad"):
        opened(broken)


def test_another_kind_of_model_lists_those_that_can_be_opened(broken):
    (broken / "config.json").write_text('{"model_type": "t5"}')
    with pytest.raises(ConfigError, match=r"of type 't5'; it can be BERT, .* or ModernBERT\."):
        opened(broken)


def test_a_model_that_brings_code_runs_none_of_it(broken, tmp_path):
    marker = tmp_path / "ran"
    (broken / "modeling_own.py").write_text(f"open({str(marker)!r}, 'w')\n")
    config = json.loads((broken / "config.json").read_text())
    config["auto_map"] = {"AutoModel": "modeling_own.Own"}
    (broken / "config.json").write_text(json.dumps(config))
    opened(broken)
    assert not marker.exists()


def test_nothing_is_fetched_unasked():
    with pytest.raises(DataMissingError, match=r"nothing is fetched unasked\. Allow the download"):
        open_encoder("owner/model")


def test_it_never_reads_more_pieces_than_it_has_positions(folders, kind):
    encoder = open_encoder(str(folders[kind]))
    rows = encoder.encode(["the plot " * 400])
    assert encoder.most_pieces == len(rows[0]) == 24
    assert encoder(encoder.inputs(rows)).isfinite().all()


def test_without_the_package_it_is_said_how_to_get_it(folders, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(DataMissingError, match=r"pip install -r requirements-pretrained\.txt"):
        opened(folders["bert"])
