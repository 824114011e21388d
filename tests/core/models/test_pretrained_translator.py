import json
import shutil
import socket
import sys

import pytest
import torch
from tiny_pretrained import SAVE, transformers_or_skip

from core.data.pair_batch import padded
from core.decoding.beam import beam_search
from core.decoding.greedy import greedy
from core.errors import ConfigError, DataMissingError
from core.models import pretrained_files, pretrained_translator
from core.models.pretrained_translator import open_pretrained
from core.text.words import BOS, EOS, PAD, UNKNOWN

transformers_or_skip()
SENTENCES = ["the cat sat on the mat", "a dog saw the cat in the garden", "le chat"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return {kind: save(tmp_path_factory.mktemp(kind) / kind) for kind, save in SAVE.items()}


@pytest.fixture(params=SAVE)
def folder(request, folders):
    return folders[request.param]


@pytest.fixture
def model(folder):
    return open_pretrained(str(folder))


@pytest.fixture(autouse=True)
def no_network(monkeypatch, tmp_path):
    """Every try to look up or reach another machine fails the test."""

    def refuse(*_, **__):
        pytest.fail("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))


def sources(model):
    return padded(model.source_ids(SENTENCES))


def test_a_sentence_becomes_ids_of_this_house_and_text_again(model):
    rows = model.source_ids(SENTENCES)
    assert all(row[-1] == EOS for row in rows)
    assert all(3 < i < model.size for row in rows for i in row[:-1])
    assert [model.text(row) for row in rows] == SENTENCES
    assert model.pieces([BOS, *rows[0]])[:: len(rows[0])] == ["<s>", "</s>"]
    assert model.source_ids(["%"])[0][-2] == UNKNOWN


def test_greedy_decoding_is_that_of_the_model_itself(model):
    source_BS = sources(model)
    mine = greedy(model, source_BS, most=20)
    theirs = model.theirs_V
    said = model.model.generate(
        theirs[source_BS],
        attention_mask=(source_BS != PAD).long(),
        max_new_tokens=20,
        num_beams=1,
        do_sample=False,
        forced_eos_token_id=None,
        bad_words_ids=[[int(theirs[UNKNOWN])], [int(theirs[PAD])]],
    )
    for words, finished, row in zip(mine.words, mine.finished, said.tolist(), strict=True):
        end = [int(theirs[EOS])] * finished
        assert [*theirs[words].tolist(), *end] == row[1 : 1 + len(words) + len(end)]
    assert len(set(map(tuple, mine.words))) > 1


def test_words_one_by_one_are_words_at_once(model):
    source_BS = sources(model)
    memory = model.encode(source_BS)
    words_BT = torch.randint(4, model.size, (3, 6), generator=torch.Generator().manual_seed(0))
    whole = model.decode(words_BT, memory, model.start(memory), want_attention=True)
    state, logits, maps = model.start(memory), [], []
    for step in range(6):
        said = model.decode(words_BT[:, step, None], memory, state, want_attention=True)
        state = said.state
        logits.append(said.logits_BTV)
        maps.append(said.attention_BMTS)
    torch.testing.assert_close(torch.cat(logits, 1), whole.logits_BTV, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(torch.cat(maps, 2), whole.attention_BMTS, rtol=1e-3, atol=1e-4)
    assert state.steps == 6


def test_attention_rows_sum_to_1_and_padding_gets_nothing(model):
    source_BS = sources(model)
    said = greedy(model, source_BS, most=8, want_attention=True)
    attention_BMTS = said.attention_BMTS
    assert attention_BMTS.shape[:2] == (3, len(model.maps))
    assert attention_BMTS.shape[3] == source_BS.shape[1]
    torch.testing.assert_close(attention_BMTS.sum(-1), torch.ones(attention_BMTS.shape[:3]))
    padding = (source_BS == PAD)[:, None, None].expand_as(attention_BMTS)
    assert padding.any()
    assert (attention_BMTS[padding] == 0).all()


def test_a_row_does_not_depend_on_its_neighbours(model):
    together = model(_inputs(model, [0, 1, 2]))
    alone = model(_inputs(model, [2]))
    torch.testing.assert_close(together[2:], alone, rtol=1e-4, atol=1e-4)


def _inputs(model, chosen):
    from core.data.pair_batch import PairInputs

    source_BS = padded([model.source_ids(SENTENCES)[i] for i in chosen])
    return PairInputs(source_BS, torch.tensor([[BOS, 5, 6]]).expand(len(chosen), 3))


def test_a_position_can_be_blocked_and_forced(model):
    source_BS = sources(model)[:1]
    memory = model.encode(source_BS)
    words = torch.tensor([[BOS, 5]])
    bias = torch.zeros(1, 2, source_BS.shape[1])
    bias[0, 0, 3] = -torch.inf
    bias[0, 1] = -torch.inf
    bias[0, 1, 2] = 0
    free = model.decode(words, memory, model.start(memory), want_attention=True)
    said = model.decode(words, memory, model.start(memory), bias_BTS=bias, want_attention=True)
    assert (said.attention_BMTS[0, :, 0, 3] == 0).all()
    assert (said.attention_BMTS[0, :, 1, 2] == 1).all()
    assert (free.attention_BMTS[0, :, 0, 3] > 0).all()
    assert not torch.allclose(free.logits_BTV[..., 4:], said.logits_BTV[..., 4:])


def test_a_beam_of_one_is_greedy_and_a_wider_one_is_likelier(model):
    source_BS = sources(model)
    greedily = greedy(model, source_BS, most=12)
    one = beam_search(model, source_BS, beam=1, most=12)
    four = beam_search(model, source_BS, beam=4, most=12)
    assert [found[0].words for found in one] == greedily.words
    for narrow, wide in zip(one, four, strict=True):
        assert wide[0].log_probability >= narrow[0].log_probability - 1e-5


def test_the_model_is_opened_once_until_its_files_change(folders, tmp_path):
    first = open_pretrained(str(folders["t5"]))
    assert open_pretrained(f" {folders['t5']}/ ") is first
    copy = tmp_path / "copy"
    shutil.copytree(folders["t5"], copy)
    second = open_pretrained(str(copy))
    assert second is not first
    SAVE["t5"](tmp_path / "other", seed=1)
    shutil.copy(tmp_path / "other" / "model.safetensors", copy)
    third = open_pretrained(str(copy))
    assert not torch.equal(second.model.shared.weight, third.model.shared.weight)
    assert len(pretrained_translator._opened) == 1


def test_the_weights_are_those_of_the_folder(folders):
    from safetensors.torch import load_file

    stored = load_file(folders["marian"] / "model.safetensors")
    opened = open_pretrained(str(folders["marian"])).model
    assert torch.equal(opened.model.shared.weight, stored["model.shared.weight"])
    assert not opened.training


@pytest.fixture
def broken(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "broken")


def test_pickled_weights_are_refused_unopened(broken):
    (broken / "model.safetensors").unlink()
    (broken / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    with pytest.raises(ConfigError, match=r"only \.bin ones, which can run code when opened"):
        open_pretrained(str(broken))


def test_a_folder_without_weights_is_refused(broken):
    (broken / "model.safetensors").unlink()
    with pytest.raises(
        ConfigError, match="Weights in safetensors are needed, and the model has none"
    ):
        open_pretrained(str(broken))


def test_a_missing_weight_is_not_left_to_chance(broken):
    from safetensors.torch import load_file, save_file

    weights = load_file(broken / "model.safetensors")
    dropped = next(name for name in weights if "decoder" in name and "embed" not in name)
    del weights[dropped]
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ConfigError, match="1 of the model's weights are not in the folder"):
        open_pretrained(str(broken))


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ({"vocab_size": 10}, "cannot be opened as a"),
        ({"d_model": 32}, "cannot be opened as a"),
        ({"decoder_start_token_id": None}, "does not say which pieces pad|cannot be opened as a"),
        ({"share_encoder_decoder_embeddings": False, "decoder_vocab_size": 9}, "cannot|two voc"),
    ],
)
def test_a_config_that_does_not_fit_is_a_sentence(broken, setting, says):
    config = json.loads((broken / "config.json").read_text())
    (broken / "config.json").write_text(json.dumps(config | setting))
    (broken / "generation_config.json").unlink()
    with pytest.raises(ConfigError, match=says):
        open_pretrained(str(broken))


def test_a_damaged_weights_file_is_a_sentence(broken):
    (broken / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(ConfigError, match=r"cannot be opened as a (Marian|T5) model"):
        open_pretrained(str(broken))


def test_too_large_weights_are_refused_by_their_size(broken, monkeypatch):
    monkeypatch.setattr(pretrained_files, "MOST_GIGABYTES", 1e-6)
    with pytest.raises(ConfigError, match="the limit is 1e-06 GB"):
        open_pretrained(str(broken))


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (None, "no config.json that names its model_type"),
        ("{", "no config.json that names its model_type"),
        ("[]", "no config.json that names its model_type"),
        ('{"model_type": ["t5"]}', "a model of type"),
        ('{"model_type": "gpt2"}', "a model of type 'gpt2'; it can be Marian or T5"),
    ],
)
def test_a_folder_of_something_else_is_refused(tmp_path, config, says):
    if config is not None:
        (tmp_path / "config.json").write_text(config)
    with pytest.raises(ConfigError, match=says):
        open_pretrained(str(tmp_path))


@pytest.mark.parametrize(
    "name",
    ["", "/no/such/folder", "./gone", "a/b/c", "owner/model name", "~nobody/x", "a" * 5000, "a\0b"],
)
def test_a_missing_folder_is_a_sentence(name):
    with pytest.raises(DataMissingError, match="There is no such folder on this machine"):
        open_pretrained(name)


@pytest.mark.parametrize("name", ["owner/model", "owner/model@refs/pr/1", "t5-small", "a..b"])
def test_a_hub_name_that_was_never_fetched_asks_for_the_download(name):
    with pytest.raises(DataMissingError, match=r"nothing is fetched unasked\. Allow the download"):
        open_pretrained(name)


def test_a_model_that_brings_code_runs_none_of_it(broken, tmp_path):
    marker = tmp_path / "ran"
    (broken / "modeling_own.py").write_text(f"open({str(marker)!r}, 'w')\n")
    config = json.loads((broken / "config.json").read_text())
    config["auto_map"] = {"AutoModelForSeq2SeqLM": "modeling_own.Own"}
    (broken / "config.json").write_text(json.dumps(config))
    open_pretrained(str(broken))
    assert not marker.exists()


def test_without_the_package_it_is_said_how_to_get_it(folders, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(DataMissingError, match=r"pip install -r requirements-pretrained\.txt"):
        open_pretrained(str(folders["t5"]))
