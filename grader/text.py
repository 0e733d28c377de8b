"""Text made fit to be shown: what strangers wrote, signs that an encoding lacks, numbers of things."""

import codecs

# What prose says in place of signs that an encoding lacks.
PLAIN = {
    "–": "-", "—": "--", "−": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "...", "•": "*", "▌": "|",
    "·": "-", "×": "x", "±": "+/-", "→": "->", "←": "<-", "⇒": "=>", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~",
    "²": "^2", "³": "^3", "ᵀ": "^T", "√": "sqrt", "½": "1/2", "¼": "1/4", "¾": "3/4", "✓": "+", "✗": "x",
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "η": "eta", "θ": "theta", "λ": "lambda",
    "μ": "mu", "µ": "u", "π": "pi", "ρ": "rho", "σ": "sigma", "φ": "phi", "ω": "omega",
}  # fmt: skip


def harmless(text: str, most: int, kept: str = "") -> str:
    """Text of a stranger: its first `most` characters, with those that aren't printable written out.

    kept: characters that stay although they aren't printable.
    """
    cut = text[:most]
    if cut.isprintable():  # as nearly all are
        return cut
    return "".join(c if c.isprintable() or c in kept else ascii(c)[1:-1] for c in cut)[:most]


def code_lines(source: bytes) -> list[str]:
    """The lines of Python source as Python counts them: other signs at which text may break don't end one."""
    return source.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def spelled(text: str, encoding: str) -> str:
    """Text with the signs that an encoding lacks spelled, an arrow as `->`; what has no spelling is written out."""
    return text.encode(encoding, "dlgrade-spelled").decode(encoding)


def spelling(sign: str) -> str | None:
    """How plain prose spells a sign, None if it can't."""
    if sign in PLAIN:
        return PLAIN[sign]
    import unicodedata

    base = unicodedata.normalize("NFD", sign)[0]
    return base if base.isascii() else None


def counted(count: int, thing: str) -> str:
    """A number of things: `1 case`, `2 cases`."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _spell(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(spelling(sign) or ascii(sign)[1:-1] for sign in lacking), error.end


codecs.register_error("dlgrade-spelled", _spell)
