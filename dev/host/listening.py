"""The socket of the development host, made before all else, so that a taken port is known at once."""

import errno
import socket

from dev.host.errors import HostError


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket that listens on the port (0: a free one) of an IPv4 address.

    Raises:
        HostError: where the port is taken or the address is none of this machine.

    """
    # Named TCP: asyncio sets TCP_NODELAY by it, without which every answer waits 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise HostError(f"Port {port} is taken; choose another with --port.") from error
        raise HostError(f"{host}:{port} cannot be listened on: {error}") from error
    return listener
