"""JSON that people read, too: whatever fits a line stands on one."""

import json
import math
from typing import Any

CONSTANTS = {None: "null", True: "true", False: "false"}
LINE = 200  # characters, indentation left aside
compact = json.JSONEncoder(ensure_ascii=False).encode
quoted = json.encoder.encode_basestring


def readable(value: Any, margin: str = "") -> str:
    """A value as JSON, over several lines if it is long."""
    if not isinstance(value, dict | list):
        return _scalar(value)
    inner = margin + "  "
    if isinstance(value, list):
        items, (begin, end) = [readable(item, inner) for item in value], "[]"
    else:
        those = {key: quoted(item) if type(item) is str else readable(item, inner) for key, item in value.items()}
        items, (begin, end) = [f"{quoted(key)}: {item}" for key, item in those.items()], "{}"
    line = ", ".join(items)
    if len(line) <= LINE and "\n" not in line:
        return f"{begin}{line}{end}"
    return f"{begin}\n{inner}" + f",\n{inner}".join(items) + f"\n{margin}{end}"


def _scalar(value: Any) -> str:
    """As `compact` writes it, but at once."""
    if value is None or isinstance(value, bool):
        return CONSTANTS[value]
    return repr(value) if type(value) in (int, float) and math.isfinite(value) else compact(value)
