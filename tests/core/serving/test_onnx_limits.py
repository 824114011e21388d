import gc
import resource
import sys
import threading
import time

import numpy as np
import pytest

from core.serving import onnx_limits
from core.serving.onnx_limits import MemoryLimit, Watchdog, is_memory

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has this limit")


@needs_linux
def test_more_memory_than_allowed_is_an_error_and_the_limit_ends_with_its_block():
    before = resource.getrlimit(resource.RLIMIT_AS)
    with pytest.raises(MemoryError), MemoryLimit(2**28).held():
        np.ones(2**28)
    assert resource.getrlimit(resource.RLIMIT_AS) == before
    with MemoryLimit(2**28).held():
        np.ones(2**10)


def test_without_such_a_limit_there_is_none(monkeypatch):
    monkeypatch.setattr(onnx_limits, "resource", None)
    with MemoryLimit(1).held():
        assert len(bytes(10**6)) == 10**6


def test_a_watchdog_bites_after_its_time_and_not_before():
    dog = Watchdog(0.05)
    with dog.watching() as options:
        dog.look()
        assert not options.terminate
        time.sleep(0.06)
        dog.look()
        assert options.terminate
    assert dog.has_bitten
    with dog.watching() as options:
        assert not options.terminate
    assert not dog.has_bitten


def test_it_looks_by_itself_while_it_is_kept():
    dog = Watchdog(0.0)
    with dog.watching():
        time.sleep(3 * onnx_limits._LOOK_EVERY)
        assert dog.has_bitten
    before = threading.active_count()
    del dog
    gc.collect()
    time.sleep(2 * onnx_limits._LOOK_EVERY)
    assert threading.active_count() < before


def test_what_onnx_runtime_calls_a_lack_of_memory():
    assert is_memory(MemoryError())
    assert is_memory(RuntimeError("Failed to allocate memory for requested buffer of size 4"))
    assert is_memory(RuntimeError("std::bad_alloc"))
    assert not is_memory(RuntimeError("indices element out of data bounds"))
