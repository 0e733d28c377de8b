"""Text of strangers, made fit to be shown."""


def harmless(text: str, most: int, kept: str = "") -> str:
    """Text of a stranger: its first `most` characters, with those that aren't printable written out.

    kept: characters that stay although they aren't printable.
    """
    return "".join(c if c.isprintable() or c in kept else ascii(c)[1:-1] for c in text[:most])[:most]
