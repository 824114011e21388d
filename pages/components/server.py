"""`python app.py`: Streamlit's server, with the engine warm before the first visit."""

import sys
from pathlib import Path

from streamlit.runtime.pages_manager import PagesManager
from streamlit.web import cli

from pages.components.engine import open_engine


def serve(script: str) -> None:
    """Serve `script` as `streamlit run` would, with the options of the command line; never return.

    A folder `pages/` makes Streamlit take the first visit of a fresh server for one of its older
    kind of apps: a link to a lab is then answered with "Page not found" above the right page.
    """
    PagesManager.uses_pages_directory = False
    print("SeqScope is loading PyTorch ...", flush=True)
    open_engine().desk.wait()  # the first visitor sees a model train at once
    sys.argv = ["streamlit", "run", str(Path(script).resolve()), *sys.argv[1:]]
    cli.main()
