"""Small runs of the serving lab, each done once."""

from functools import lru_cache

from lab_runs import LabRun

from core.labs import serving
from core.labs.serving_config import ServingConfig

TINY = {
    "variants": ("ort-fp32", "ort-int8", "scratch", "distilled"),
    "words": 10,
    "calls": 5,
    "requests": 1000,
    "replayed": 200,
    "rows": 300,
    "epochs": 1,
    "students": 2,
}


@lru_cache(maxsize=16)
def serve(text=None, **settings):
    return LabRun(serving.run(ServingConfig(**{**TINY, **settings}), text=text))


def newest(run, name):
    return run.of("table", name=name)[-1].columns


def rows_of(run, name):
    columns = newest(run, name)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
