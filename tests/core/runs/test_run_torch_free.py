import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_what_the_server_imports_of_the_engine_imports_no_torch():
    names = "store, record, pool, inquiry, thinning, states"
    code = f"import sys; from core.runs import {names}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
