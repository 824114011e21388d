"""The anonymous key of a visitor, signed, so that only keys this server gave out are taken.

Whoever holds the token is the visitor: it is what a browser's cookie and a link to keep hold.
"""

import hashlib
import os
import re
import secrets
from pathlib import Path

from itsdangerous import BadData, URLSafeSerializer

from core.errors import PracticeError

SECRET = "SEQSCOPE_SECRET"
"""The environment variable with the server's secret; without it a file below the home has one."""

_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


class KeyRing:
    """Gives out keys and knows those that it gave out."""

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeSerializer(secret, salt="visitor")
        digest = hashlib.sha256(f"name:{secret}".encode()).hexdigest()
        self.name = f"seqscope-visitor-{digest[:8]}"

    def token(self, key: str) -> str:
        """Return the key, signed."""
        signed = self._serializer.dumps(key)
        return signed if isinstance(signed, str) else signed.decode()

    def key(self, token: str | None) -> str | None:
        """Return the key of a token; None where this server did not sign it."""
        if not token:
            return None
        try:
            key = self._serializer.loads(token)
        except BadData:
            return None
        return key if isinstance(key, str) and _KEY.fullmatch(key) else None


def new_key() -> str:
    """Return a key that nobody has: 144 random bits."""
    return secrets.token_urlsafe(18)


def open_key_ring(home: Path) -> KeyRing:
    """Return the ring of the server whose home this is; its secret is made at the first call.

    Raises:
        PracticeError: the secret can be neither read nor written.
    """
    given = os.environ.get(SECRET)
    if given:
        return KeyRing(given)
    path = home / "secret"
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_once(path, secrets.token_urlsafe(32))
        return KeyRing(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError) as error:
        raise PracticeError(
            f"The server's secret {path} can be neither read nor written. Make its folder "
            f"writable, or set {SECRET}."
        ) from error


def _write_once(path: Path, secret: str) -> None:
    """Write the secret unless there is one; whoever reads it finds all of it."""
    if path.exists():
        return
    draft = path.with_name(f".{secrets.token_hex(8)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
