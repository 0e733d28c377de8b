"""Secrets of the instructor: what hidden seeds are made of, and the key that signs results."""

import hashlib
import hmac
import json
import secrets
from pathlib import Path
from typing import Any, NamedTuple

from grader.errors import UsageError

BITS = 48  # of a seed: an integer that every language's JSON keeps exactly
ALGORITHM = "HMAC-SHA256"


def keyed(key: bytes, *words: str) -> bytes:
    """A pseudo-random value (32 bytes) for some words, which tells nothing about the key."""
    return hmac.digest(key, "\0".join(words).encode(), "sha256")


class Seeds(NamedTuple):
    """Where the random inputs of every exercise come from. label: what may be told of it.

    key: for splits of data that must stay hidden even where the inputs are public.
    """

    secret: bytes | None
    label: str
    key: bytes

    def inputs(self, stem: str) -> int:
        """The seed of an exercise's cases; 0, as for everybody, without a secret."""
        return _number(keyed(self.secret, "inputs", stem)) if self.secret else 0

    def split(self, stem: str) -> int:
        """The seed by which images are dealt out into training and hidden ones."""
        return _number(keyed(self.secret or self.key, "split", stem))


def _number(data: bytes) -> int:
    return int.from_bytes(data[: BITS // 8], "big")


def seeds(secret: str | None, key: bytes) -> Seeds:
    """Seeds of a secret, or the public ones. The label of a secret is slow to compute, lest it helps guessing it."""
    if secret is None:
        return Seeds(None, "0", key)
    if not secret.strip():
        raise UsageError("--seed is empty; give a secret, or leave the option out for the public inputs")
    stretched = hashlib.scrypt(secret.encode(), salt=b"dlgrade/seed", n=1 << 14, r=8, p=1)
    return Seeds(stretched, "hidden-" + keyed(stretched, "label").hex()[:8], key)


def key(path: Path, make: bool = True) -> bytes:
    """The key in a file: 32 random bytes, readable by its owner only. make: if it isn't there."""
    try:
        if make and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32) + "\n", "ascii")
        found = bytes.fromhex(path.read_text("ascii"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} can't be used as a key ({error}); give `--key` a file of 64 hex digits") from None
    if len(found) < 32:
        raise UsageError(f"{path} holds {len(found)} bytes; a key has at least 32: give `--key` another file")
    return found


def signed(document: dict[str, Any], key: bytes) -> dict[str, Any]:
    """A document with a signature beside it, of exactly what it says, not of how that is written."""
    signature = {"algorithm": ALGORITHM, "key": name_of(key), "value": _signature(document, key)}
    return {"document": document, "signature": signature}


def problem(envelope: Any, key: bytes) -> str | None:
    """Why something isn't a document as it was signed with this key; None if it is."""
    if not isinstance(envelope, dict) or set(envelope) != {"document", "signature"}:
        return "not a signed result"
    signature = envelope["signature"]
    if not isinstance(signature, dict) or signature.get("algorithm") != ALGORITHM:
        return "not a signed result"
    if signature.get("key") != name_of(key):
        return "signed with another key; give that one by `--key`"
    value = signature.get("value")
    if not isinstance(value, str) or not hmac.compare_digest(
        value.encode(), _signature(envelope["document"], key).encode()
    ):
        return "changed since it was signed"
    return None


def name_of(key: bytes) -> str:
    """What a key is called, to tell it from others."""
    return keyed(key, "name").hex()[:8]


def _signature(document: Any, key: bytes) -> str:
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return keyed(key, "result", canonical).hex()
