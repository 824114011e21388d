"""What the process that forks the workers imports once, so that a run starts at once.

Imports only. A forward pass would start threads, and a CUDA call a context, that do not survive
a fork. `torch._dynamo` is here because the first optimizer of a process would import it (1.2 s).
"""

import contextlib
import gc
import importlib

import torch
import torch._dynamo  # noqa: F401

import core.runs.inquiry
import core.runs.worker  # noqa: F401
from core.labs.config import LABS

for _entry in list(LABS.values()):
    # A lab that cannot be imported says so in the run that asks for it; the others go on.
    with contextlib.suppress(Exception):
        importlib.import_module(_entry.module)

gc.collect()
gc.freeze()
