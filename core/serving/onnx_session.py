"""How ONNX Runtime is opened, the same for our own files and for a visitor's. No torch here."""

from typing import Any


def open_session(file: bytes, *, threads: int = 1, is_optimized: bool = True) -> Any:
    """Return an ONNX Runtime session of a file, on the CPU with so many threads.

    Without `is_optimized` the graph is run node by node as it stands in the file.

    Raises:
        Exception: whatever ONNX Runtime raises for a graph that it cannot run.
    """
    import onnxruntime  # type: ignore[import-untyped]

    levels = onnxruntime.GraphOptimizationLevel
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # it tells what is wrong in its exceptions
    options.graph_optimization_level = (
        levels.ORT_ENABLE_ALL if is_optimized else levels.ORT_DISABLE_ALL
    )
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
