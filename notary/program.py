"""The program as it stands on this machine, in one mark to compare by telephone.  程序校验

    find notary huiquan/domain -name '*.py' | LC_ALL=C sort | xargs sha256sum | sha256sum

gives the same, asked beside the two folders; it covers every rule the signer goes by.
"""

import hashlib
from functools import cache
from pathlib import Path

import huiquan.domain
import notary

FOLDERS = {
    "huiquan/domain": Path(huiquan.domain.__file__).parent,
    "notary": Path(notary.__file__).parent,
}


@cache
def program_mark() -> str:
    """SHA-256, in hex, over the marks of the program's files in the order of their names."""
    files = {
        f"{name}/{path.relative_to(folder).as_posix()}": path
        for name, folder in FOLDERS.items()
        for path in folder.rglob("*.py")
    }
    lines = (
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n"
        for name, path in sorted(files.items())
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()
