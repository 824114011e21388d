"""A visitor's own ONNX file as it arrives: what no run could read is refused at once.

Only its length and its first bytes are looked at, and nothing is unpickled. No torch here.
"""

import base64

from core.errors import TextError

MEGABYTE = 1_000_000
MOST_BYTES = 50 * MEGABYTE
_ZIP = b"PK\x03\x04"
_PICKLE = 0x80
_PROTOCOLS = range(6)


def read_onnx_upload(data: bytes) -> str:
    """Return the file as a run is given it: in base64.

    Raises:
        TextError: it is empty, too large, or plainly another kind of file.
    """
    if not data:
        raise TextError("The file is empty. Export the model again, and upload the .onnx file.")
    if len(data) > MOST_BYTES:
        raise TextError(
            f"The file has {len(data) / MEGABYTE:.0f} MB; up to {MOST_BYTES // MEGABYTE} MB are "
            "read. Export a smaller model, or one with 8-bit weights."
        )
    if data.startswith(_ZIP):
        raise TextError(
            "This is a zip archive, as torch.save and TorchScript write them; it is not opened, "
            "since such files can run code. Export the model with torch.onnx.export instead."
        )
    if data[0] == _PICKLE and data[1:2] and data[1] in _PROTOCOLS:
        raise TextError(
            "This is a pickle; it is not opened, since pickles can run code. Export the model with "
            "torch.onnx.export instead."
        )
    return base64.b64encode(data).decode("ascii")
