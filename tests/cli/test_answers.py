"""Whether a process answers is asked of what lives, of what is away, and of what is dying."""

import socket
import threading

import pytest

from huiquan.cli.processes import answers


@pytest.mark.parametrize(
    ("said", "is_yes"),
    [
        (b"HTTP/1.1 204 Yes\r\n\r\n", True),
        (b"HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n", False),
        (b"", False),  # it died before its answer
        (b"HTTP", False),  # it died in the middle of it
    ],
)
def test_only_a_whole_yes_is_one(said: bytes, is_yes: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer_once() -> None:
            line, _ = server.accept()
            with line:
                line.recv(1000)
                line.sendall(said)

        answering = threading.Thread(target=answer_once, daemon=True)
        answering.start()
        assert answers(f"http://127.0.0.1:{server.getsockname()[1]}/readyz") is is_yes
        answering.join(10)


def test_nobody_there_is_no() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert not answers(f"http://127.0.0.1:{port}/readyz")
