"""Files that are there completely or not at all."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from grader.errors import UsageError


def save(path: Path, content: Iterable[bytes]) -> None:
    """Writes a file beside `path`, which takes its place once all of it is written. Raises UsageError.

    Nothing waits for the disk: the same command writes every file again, from a journal that is safe.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            file.writelines(content)
        draft.replace(path)
    except OSError as error:
        raise UsageError(f"{path} can't be written ({error.strerror}); give another place with `--out`") from None
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
