"""Where tensors live: CUDA, then Apple's MPS, then the CPU."""

import os

import torch

from core.errors import DeviceError

DEVICES = ("auto", "cuda", "mps", "cpu")


def choose_device(name: str = "auto") -> torch.device:
    """Return the device called `name`; "auto" takes CUDA, then MPS, then the CPU.

    Raises:
        DeviceError: `name` is not one of `DEVICES`, or this machine does not have it.
    """
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    available["cpu"] = True
    if name == "auto":
        name = next(kind for kind in ("cuda", "mps", "cpu") if available[kind])
    if name not in DEVICES:
        raise DeviceError(f"The device is '{name}'; it must be one of {', '.join(DEVICES)}.")
    if not available[name]:
        has = ", ".join(kind for kind, is_there in available.items() if is_there)
        raise DeviceError(f"This machine has no {name} device; it has {has}. Use --device auto.")
    if name == "cuda":  # cuBLAS repeats itself only with a fixed workspace, set before it starts
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    return torch.device(name)


def wait_for(device: torch.device) -> None:
    """Return when the device has done all it was told to: kernels run on after their call."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def fast_precision(device: torch.device) -> torch.dtype:
    """Return bfloat16 where a CPU multiplies in it, twice as fast as in float32; else float32."""
    can = torch.cpu.get_capabilities() if device.type == "cpu" else {}
    has_bfloat16 = can.get("avx512_bf16") or can.get("amx_bf16")
    return torch.bfloat16 if has_bfloat16 else torch.float32


def fast_arithmetic(device: torch.device) -> torch.autocast:
    """Return a context in which matrices are multiplied in the `fast_precision` of the device."""
    precision = fast_precision(device)
    return torch.autocast(device.type, precision, enabled=precision is not torch.float32)
