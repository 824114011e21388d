"""What is asked of the hub, by a small hub of our own on this machine."""

import http.server
import json
import threading
from pathlib import Path

import pytest
from tiny_pretrained import save_t5, transformers_or_skip

from core.errors import ConfigError, DataMissingError
from core.models import pretrained_files
from core.models.pretrained_translator import open_pretrained

transformers_or_skip()
COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(http.server.BaseHTTPRequestHandler):
    """Answers for owner/tiny from the server's folder; notes every path that was asked for."""

    def do_HEAD(self):
        self._answer(with_body=False)

    def do_GET(self):
        self._answer(with_body=True)

    def _answer(self, *, with_body):
        path = self.path.partition("?")[0]
        self.server.asked.append((path, self.headers.get("Authorization")))
        body = self._body(path)
        self.send_response(404 if body is None else 200)
        if body is None:
            self.send_header("X-Error-Code", "RepoNotFound")
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{Path(path).name}"')
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        if with_body:
            self.wfile.write(body or b"")

    def _body(self, path):
        files = sorted(file for file in self.server.folder.iterdir() if file.is_file())
        if path.startswith("/api/models/owner/tiny/revision/"):
            siblings = [{"rfilename": f.name, "size": f.stat().st_size} for f in files]
            about = {"id": "owner/tiny", "sha": COMMIT, "siblings": siblings, "tags": []}
            return json.dumps(about | {"private": False, "downloads": 0, "likes": 0}).encode()
        if path.startswith("/api/models/owner/tiny/tree/"):
            about = [
                {"type": "file", "path": f.name, "size": f.stat().st_size, "oid": f.name}
                for f in files
            ]
            return json.dumps(about).encode()
        if path.startswith(f"/owner/tiny/resolve/{COMMIT}/"):
            return (self.server.folder / Path(path).name).read_bytes()
        return None

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = save_t5(tmp_path_factory.mktemp("hub") / "tiny")
    (folder / "pytorch_model.bin").write_bytes(b"a pickle")
    (folder / "modeling_own.py").write_text("raise SystemExit")
    return folder


@pytest.fixture
def hub(tiny, tmp_path, monkeypatch):
    import huggingface_hub.constants as constants

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.asked, server.folder = [], tiny
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(
        constants,
        "HUGGINGFACE_CO_URL_TEMPLATE",
        address + "/{repo_id}/resolve/{revision}/{filename}",
    )
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setenv("HF_TOKEN", "secret")
    yield server
    close(server)


def files_asked_for(hub):
    return {Path(path).name for path, _ in hub.asked if "/resolve/" in path}


def test_what_is_fetched_once_is_found_without_the_hub(hub, tiny):
    fetched = open_pretrained("owner/tiny", download=True)
    assert files_asked_for(hub) >= {"config.json", "model.safetensors", "spiece.model"}
    assert not {"pytorch_model.bin", "modeling_own.py"} & files_asked_for(hub)
    assert {authorization for _, authorization in hub.asked} == {None}
    hub.asked.clear()
    assert open_pretrained("owner/tiny") is fetched
    assert open_pretrained("owner/tiny@main") is fetched
    assert hub.asked == []
    ours = open_pretrained(str(tiny))
    assert ours.source_ids(["a dog"]) == fetched.source_ids(["a dog"])


def test_without_the_word_the_hub_is_not_asked(hub):
    with pytest.raises(DataMissingError, match="nothing is fetched unasked"):
        open_pretrained("owner/tiny")
    assert hub.asked == []


def test_a_model_the_hub_does_not_have_is_a_sentence(hub):
    with pytest.raises(DataMissingError, match="The Hugging Face hub did not give 'owner/other'"):
        open_pretrained("owner/other", download=True)


def test_too_large_weights_are_not_fetched(hub, monkeypatch):
    monkeypatch.setattr(pretrained_files, "MOST_GIGABYTES", 1e-6)
    with pytest.raises(ConfigError, match="The weights are"):
        open_pretrained("owner/tiny", download=True)
    sizes = [path for path, _ in hub.asked if path.endswith("safetensors")]
    assert len(sizes) <= 1  # asked how large it is, not for itself


def close(hub):
    hub.shutdown()
    hub.server_close()


def test_a_hub_out_of_reach_is_a_sentence(hub):
    close(hub)
    with pytest.raises(DataMissingError, match="or cannot be reached from here"):
        open_pretrained("owner/tiny", download=True)


def test_what_was_fetched_before_outlasts_the_hub(hub):
    fetched = open_pretrained("owner/tiny", download=True)
    close(hub)
    assert open_pretrained("owner/tiny", download=True) is fetched
