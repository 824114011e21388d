"""How much memory a pass takes at its highest, and what reading in chunks saves.

Legend: B batch, T time, I input width, O output width.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate

import torch
from torch import Tensor, nn
from torch._C._autograd import _disable_profiler_legacy, _enable_profiler_legacy
from torch._C._profiler import ProfilerConfig, ProfilerState, _ExperimentalConfig

from core.diagnostics.forced_reading import home, undisturbed
from core.models.chunked_reading import ChunkedReader
from core.models.recurrent import RecurrentModel
from core.training.events import Columns

CHUNKS = (10, 25, 50, 100, 250)
MEGABYTE = 1e6


def chunk_table(model: nn.Module, inputs: Tensor, *, chunks: Sequence[int] = CHUNKS) -> Columns:
    """Return what reading in chunks with the state carried changes, a row per size of chunk.

    Both readings give the outputs at every step and keep nothing else. There are no rows for a
    model that carries no state, nor for chunks that are the whole of `inputs` (T, B[, I]).

    Columns: `chunk` in steps, `difference`, the largest absolute one to the outputs of one pass,
    `megabytes` at the peak and `full_megabytes`, those of one pass, without the inputs; None on
    a device that does not tell.
    """
    names = ("chunk", "difference", "megabytes", "full_megabytes")
    shorter = [chunk for chunk in chunks if chunk < len(inputs)]
    if not isinstance(model, RecurrentModel) or not shorter:
        return {name: [] for name in names}
    device = home(model)
    inputs = inputs.to(device)
    rows = []
    with undisturbed(model):
        full_TBO = model(inputs)
        full = _megabytes(peak_bytes(lambda: model(inputs), device))
        for chunk in shorter:
            reader = ChunkedReader(model, chunk)
            difference = float((reader(inputs) - full_TBO).abs().max())
            peak = peak_bytes(lambda reader=reader: reader(inputs), device)  # type: ignore[misc]
            rows.append((chunk, difference, _megabytes(peak), full))
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def peak_bytes(call: Callable[[], object], device: torch.device) -> int | None:
    """Return the most memory that tensors made during `call` took together, in bytes.

    On the CPU every allocation of this thread is counted, also those inside kernels; what was
    there before is not. On CUDA it is the allocator's own count. None on another device.
    """
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        before = torch.cuda.memory_allocated(device)
        torch.cuda.reset_peak_memory_stats(device)
        call()
        torch.cuda.synchronize(device)
        return torch.cuda.max_memory_allocated(device) - before
    return _peak_on_cpu(call) if device.type == "cpu" else None


def _peak_on_cpu(call: Callable[[], object]) -> int:
    # The profiler of torch.profiler tells the same and writes lines of its own to the console.
    _enable_profiler_legacy(
        ProfilerConfig(ProfilerState.CPU, False, True, False, False, False, _ExperimentalConfig())
    )
    try:
        call()
    finally:
        recorded = _disable_profiler_legacy()
    changes = (
        event.cpu_memory_usage()
        for thread in recorded
        for event in thread
        if str(event.kind()) == "memory_alloc"  # typed as a number, but a word
    )
    return max(accumulate(changes), default=0)


def _megabytes(count: int | None) -> float | None:
    return None if count is None else count / MEGABYTE
