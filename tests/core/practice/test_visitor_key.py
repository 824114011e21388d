import stat
import threading

import pytest

from core.errors import PracticeError
from core.practice.visitor_key import SECRET, KeyRing, new_key, open_key_ring


def test_a_token_gives_its_key_back():
    ring, key = KeyRing("a secret"), new_key()
    assert ring.key(ring.token(key)) == key
    assert ring.token(key) == ring.token(key)


@pytest.mark.parametrize("token", [None, "", "x", "a.b", "a" * 10_000, "\u00e9.\u00e9", "\x00"])
def test_what_is_no_token_has_no_key(token):
    assert KeyRing("a secret").key(token) is None


def test_a_token_of_another_server_or_one_that_was_changed_has_no_key():
    ring, token = KeyRing("a secret"), KeyRing("another").token(new_key())
    assert ring.key(token) is None
    own = ring.token(new_key())
    for place in (0, own.index(".") + 1):  # of the key, and of its signature
        other = "A" if own[place] != "A" else "B"
        assert ring.key(own[:place] + other + own[place + 1 :]) is None


def test_something_else_that_was_signed_is_no_key():
    ring = KeyRing("a secret")
    assert ring.key(ring.token("short")) is None
    assert ring.key(ring._serializer.dumps(["a" * 24])) is None


def test_a_home_keeps_its_secret_and_only_its_user_reads_it(tmp_path, monkeypatch):
    monkeypatch.delenv(SECRET, raising=False)
    home, key = tmp_path / "home", new_key()
    token = open_key_ring(home).token(key)
    assert open_key_ring(home).key(token) == key
    assert stat.S_IMODE((home / "secret").stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == ["secret"]
    assert open_key_ring(tmp_path / "other").key(token) is None
    assert open_key_ring(tmp_path / "other").name != open_key_ring(home).name


def test_servers_that_start_at_once_have_one_secret(tmp_path, monkeypatch):
    monkeypatch.delenv(SECRET, raising=False)
    names = []
    threads = [
        threading.Thread(target=lambda: names.append(open_key_ring(tmp_path).name))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names) == 16
    assert len(set(names)) == 1


def test_a_secret_that_was_given_is_taken(tmp_path, monkeypatch):
    monkeypatch.setenv(SECRET, "given")
    assert open_key_ring(tmp_path / "home").name == KeyRing("given").name
    assert not (tmp_path / "home").exists()


def test_a_home_that_cannot_be_written_is_said(tmp_path, monkeypatch):
    monkeypatch.delenv(SECRET, raising=False)
    (tmp_path / "file").write_text("")
    with pytest.raises(PracticeError, match="neither read nor written"):
        open_key_ring(tmp_path / "file" / "home")
