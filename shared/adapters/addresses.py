"""Which addresses mean this machine, where plain HTTP is harmless; resolves no name."""

from urllib.parse import urlsplit

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def is_on_this_machine(url: str) -> bool:
    """Whether the host of `url` is the loopback address or its usual name."""
    return urlsplit(url).hostname in _LOOPBACK
