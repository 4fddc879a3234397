"""Web processes that share a port: a second house at a port is refused, unless it is shared."""

import pytest

from huiquan.cli.serving import port_at


def test_only_a_shared_port_can_be_opened_twice() -> None:
    with port_at("127.0.0.1", 0, is_shared=False) as alone:
        port = alone.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            port_at("127.0.0.1", port, is_shared=False)
        with pytest.raises(OSError, match="in use"):
            port_at("127.0.0.1", port, is_shared=True)
    with port_at("127.0.0.1", 0, is_shared=True) as first:
        port = first.getsockname()[1]
        with port_at("127.0.0.1", port, is_shared=True) as second:
            assert second.getsockname() == first.getsockname()
