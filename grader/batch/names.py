"""Folder names for students: what somebody calls themselves is theirs, what a file is called is ours."""

import hashlib
import itertools
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence

MOST_BYTES = 80  # of a name in UTF-8: room for ten more, in paths of 260 characters and on file systems with 143 bytes
KEPT = "-_.@+"
RESERVED = frozenset(["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³")])


def safe_name(id: str) -> str:
    """A file name that says `id`: letters of any script, digits and `-_.@+`; never hidden, an option or reserved.

    Different ids may have the same one: `folders` tells them apart.
    """
    kept = "".join(c if c in KEPT or unicodedata.category(c)[0] in "LMN" else "_" for c in _composed(id))
    name = _cut(kept.lstrip(".-"), MOST_BYTES).rstrip(".") or "_"
    return f"_{name}" if name.partition(".")[0].casefold() in RESERVED else name


def folders(ids: Sequence[str]) -> dict[str, str]:
    """A folder name for each id, different also where upper and lower case are one; the order of ids is of no matter.

    Ids that would get the same name have a fingerprint added, all of them.
    """
    plain = {id: safe_name(id) for id in sorted(set(ids))}
    uses = Counter(map(_key, plain.values()))
    names = {id: name for id, name in plain.items() if uses[_key(name)] == 1}
    taken = set(map(_key, names.values()))
    for id in sorted(plain.keys() - names.keys()):
        names[id] = next(name for name in _marked(id, plain[id]) if _key(name) not in taken)
        taken.add(_key(names[id]))
    return {id: names[id] for id in plain}


def _marked(id: str, name: str) -> Iterator[str]:
    """`name` with fingerprints of `id`, one after the other: somebody may be called like the first."""
    for nth in itertools.count():
        mark = hashlib.sha256(f"{nth}\0{id}".encode("utf-8", "surrogatepass")).hexdigest()[:8]
        yield f"{_cut(name, MOST_BYTES)}-{mark}"


def _key(name: str) -> str:
    """What a file system that knows no case, or writes signs in parts, takes for the same name."""
    return _composed(_composed(name).casefold())


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _cut(name: str, most: int) -> str:
    return name.encode("utf-8", "ignore")[:most].decode("utf-8", "ignore")
