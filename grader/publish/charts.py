"""Small pictures beside numbers. What they show always stands in words next to them."""

import base64
import struct
import zlib
from collections.abc import Sequence

from grader.publish.markup import Html, el

Colour = tuple[int, int, int]


def bar(share: float, kind: str = "") -> Html:
    """A horizontal bar, filled from the left; share: from 0 to 1. kind: a class of the style sheet."""
    full = max(0.0, min(1.0, share))
    filled = el("rect", width=f"{100 * full:.4g}%", height="100%", class_="filled")
    track = el("rect", width="100%", height="100%", class_="track")
    return el("svg", track, filled, class_=f"bar {kind}".strip(), aria_hidden="true", focusable="false")


def png(pixels: Sequence[int], palette: Sequence[Colour]) -> bytes:
    """A picture one pixel high, of at most 16 colours; the colour 0 is transparent."""
    packed = bytearray(1)  # the row's filter: none
    for left in range(0, len(pixels), 2):
        right = pixels[left + 1] if left + 1 < len(pixels) else 0
        packed.append(pixels[left] << 4 | right)
    header = struct.pack(">IIBBBBB", len(pixels), 1, 4, 3, 0, 0, 0)
    colours = b"".join(map(bytes, palette))
    parts = (b"IHDR", header), (b"PLTE", colours), (b"tRNS", b"\0"), (b"IDAT", zlib.compress(bytes(packed), 9))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in (*parts, (b"IEND", b"")))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def strip(pixels: Sequence[int], palette: Sequence[Colour], alt: str) -> Html:
    """Such a picture, as wide as there is room."""
    data = base64.b64encode(png(pixels, palette)).decode()
    return el("img", src=f"data:image/png;base64,{data}", alt=alt, class_="strip", width=len(pixels), height=1)
