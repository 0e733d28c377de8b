"""Zip archives that are the same bytes for the same content."""

import io
import stat
import zipfile
from collections.abc import Collection, Mapping

LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can tell


def zipped(files: Mapping[str, bytes], programs: Collection[str] = ()) -> bytes:
    """A zip of files by path. programs: paths of those that can be executed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, LONG_AGO)
            entry.create_system = 3  # Unix: the rights below count
            entry.external_attr = (stat.S_IFREG | (0o755 if path in programs else 0o644)) << 16
            archive.writestr(entry, files[path], zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()
