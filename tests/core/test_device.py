import pytest
import torch

from core.device import DEVICES, choose_device, fast_precision, wait_for
from core.errors import DeviceError

ON_THIS_MACHINE = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}


def test_auto_takes_cuda_then_mps_then_the_cpu():
    best = next((kind for kind in ("cuda", "mps") if ON_THIS_MACHINE[kind]), "cpu")
    assert choose_device().type == choose_device("auto").type == best


def test_the_cpu_is_always_there():
    assert choose_device("cpu") == torch.device("cpu")


def test_an_unknown_device_lists_those_there_can_be():
    with pytest.raises(DeviceError, match="The device is 'tpu'; it must be one of auto, cuda, mps"):
        choose_device("tpu")


@pytest.mark.parametrize("name", [d for d in DEVICES if ON_THIS_MACHINE.get(d) is False])
def test_a_device_that_is_not_there_says_what_is(name):
    with pytest.raises(DeviceError, match=f"no {name} device; it has .*cpu"):
        choose_device(name)


@pytest.mark.parametrize(
    ("can", "precision"),
    [
        ({"avx512_bf16": True}, torch.bfloat16),
        ({"amx_bf16": True, "avx512_bf16": False}, torch.bfloat16),
        ({"avx512_f": True}, torch.float32),
        ({}, torch.float32),
    ],
)
def test_a_cpu_computes_in_bfloat16_only_where_it_multiplies_in_it(monkeypatch, can, precision):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: can)
    assert fast_precision(torch.device("cpu")) == precision
    assert fast_precision(torch.device("cuda")) == torch.float32


def test_a_device_is_waited_for_where_kernels_run_on_after_their_call(monkeypatch):
    waited = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: waited.append(device.type))
    monkeypatch.setattr(torch.mps, "synchronize", lambda: waited.append("mps"))
    for kind in ("cpu", "cuda", "mps"):
        wait_for(torch.device(kind))
    assert waited == ["cuda", "mps"]
