"""Ports of this machine that nobody listens on.  端口"""

import socket


def free_ports(count: int) -> list[int]:
    """So many of them; all are held until the last is found."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
