import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted(p for room in ("core", "pages") for p in (ROOT / room).rglob("*.py"))
if (ROOT / "app.py").exists():
    MODULES.append(ROOT / "app.py")

LEVELS = (
    ("core", "core.errors"),
    ("core.device", "core.text", "core.metrics"),
    ("core.data",),
    ("core.models",),
    ("core.decoding",),
    ("core.training",),
    ("core.diagnostics", "core.serving"),
    ("core.labs",),
    ("core.claims",),
    ("core.practice",),
    ("core.runs",),
    ("core.bleu_command", "core.command_files"),
    ("core.__main__",),
    ("pages",),
    ("app",),
)
LEVEL = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}

TORCH_FREE = (
    "core.errors",
    "core.models.catalogue",
    "core.models.translators",
    "core.models.classifiers",
    "core.models.classifier_sizes",
    "core.data.pairs",
    "core.data.labelled",
    "core.data.reviews",
    "core.data.folds",
    "core.training.choices",
    "core.training.dials",
    "core.training.events",
    "core.labs.about",
    "core.labs.clip_tables",
    "core.labs.checks",
    "core.labs.config",
    "core.labs.translation_config",
    "core.labs.pretrained_sentences",
    "core.models.encoder_files",
    "core.models.pretrained_files",
    "core.models.pretrained",
    "core.labs.pair_material",
    "core.labs.translation_script",
    "core.labs.translation_estimate",
    "core.labs.sentiment_config",
    "core.labs.sentiment_material",
    "core.labs.sentiment_texts",
    "core.labs.sentiment_scores",
    "core.labs.sentiment_words",
    "core.labs.sentiment_estimate",
    "core.labs.sentiment_script",
    "core.labs.sentiment_shown",
    "core.labs.recommendation",
    "core.labs.config_json",
    "core.labs.length_config",
    "core.labs.length_estimate",
    "core.labs.length_script",
    "core.labs.length_scores",
    "core.labs.length_board",
    "core.labs.length_words",
    "core.labs.length_texts",
    "core.labs.remedies",
    "core.labs.serving_config",
    "core.labs.serving_estimate",
    "core.labs.serving_what_if",
    "core.serving.onnx_upload",
    "core.command_files",
    "core.serving.variants_catalogue",
    "core.serving.queueing",
    "core.serving.queue_theory",
    "core.serving.batch_times",
    "core.serving.policies",
    "core.serving.replay",
    "core.labs.estimate",
    "core.labs.script",
    "core.labs.sources",
    "core.claims.board",
    "core.claims.catalogue",
    "core.claims.durations",
    "core.runs.store",
    "core.runs.record",
    "core.runs.pool",
    "core.runs.inquiry",
    "core.runs.tables",
    "core.runs.verdicts",
)

WITH_TORCH = ("core.practice.similarity",)
"""What a room that is torch-free has that needs torch: asked by the desk, in its own process."""


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_modules(path):
    """Return every module that the file names in an import, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively, line {node.lineno}"
            found |= {_submodule(node.module, alias.name) for alias in node.names}
    return found


def _submodule(package, name):
    """Return what `from package import name` reads: the module of that name, or the package."""
    path = ROOT.joinpath(*package.split("."), name)
    is_module = path.with_suffix(".py").exists() or path.is_dir()
    return f"{package}.{name}" if is_module else package


def room_of(module):
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "core" else parts[0]


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_nothing_flows_up(path):
    room = room_of(module_name(path))
    assert room in LEVEL, f"{room} has no place in the import order"
    for module in imported_modules(path):
        other = room_of(module)
        if other in LEVEL and other != room:
            assert LEVEL[other] < LEVEL[room], f"{module_name(path)} imports {module}"


@pytest.mark.parametrize(
    "path", [p for p in MODULES if ROOT / "core" in p.parents], ids=module_name
)
def test_core_never_draws(path):
    drawing = {module.split(".")[0] for module in imported_modules(path)} & {"streamlit", "plotly"}
    assert not drawing


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_torch_and_plotly_stay_in_their_rooms(path):
    roots = {module.split(".")[0] for module in imported_modules(path)}
    name = module_name(path)
    assert "torch" not in roots or name.startswith("core.")
    assert "plotly" not in roots or name.startswith("pages.components.figures")


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_modules_stay_readable_in_one_sitting(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 320


def imported_with(rooms, forbidden):
    """Import the rooms in a fresh process; return what it says when a forbidden module came too."""
    code = (
        "import importlib, sys\n"
        "forbidden, *rooms = sys.argv[1:]\n"
        "for name in rooms:\n"
        "    importlib.import_module(name)\n"
        "    loaded = set(forbidden.split()) & set(sys.modules)\n"
        "    assert not loaded, f'{name} imports {loaded}'\n"
    )
    command = [sys.executable, "-c", code, forbidden, *rooms]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


def test_the_rooms_that_the_server_reads_import_neither_torch_nor_plotly_nor_streamlit():
    named = {module_name(p) for p in MODULES}
    assert set(TORCH_FREE) <= named
    free = ("core.text", "core.metrics", "core.practice")
    rooms = [*TORCH_FREE, *sorted(n for n in named if n.startswith(free) and n not in WITH_TORCH)]
    assert imported_with(rooms, "torch plotly streamlit") == ""


def test_the_components_of_a_page_import_no_torch():
    # plotly comes with streamlit, whose charts register a theme with it
    rooms = sorted(n for n in map(module_name, MODULES) if n.startswith("pages.components"))
    assert imported_with(rooms, "torch") == ""


def test_the_house_has_no_second_module_of_a_name_in_its_tests():
    files = [p.name for p in (ROOT / "tests").rglob("test_*.py")]
    assert len(files) == len(set(files))
    assert importlib.util.find_spec("core") is not None
