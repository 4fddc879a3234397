"""After a power cut there is what had been written through to the disk, and nothing else."""

import os
import subprocess
from collections.abc import Iterator

import pytest

from bench.powercuts import Disk, disk


@pytest.fixture
def ours() -> Iterator[Disk]:
    with disk() as made:
        if made is None:
            pytest.skip("a disk of our own needs root, and a disk that is a file")
        yield made


@pytest.mark.slow
def test_what_was_synced_survives_and_what_was_not_does_not(ours: Disk) -> None:
    for name, is_synced in (("synced", True), ("waiting", False)):
        with (ours.mount / name).open("wb") as file:
            file.write(b"x" * 4096)
            file.flush()
            if is_synced:
                os.fsync(file.fileno())
                directory = os.open(ours.mount, os.O_RDONLY)
                os.fsync(directory)
                os.close(directory)
    ours.exchange(ours.cut())
    assert (ours.mount / "synced").read_bytes() == b"x" * 4096
    waiting = ours.mount / "waiting"
    assert not waiting.exists() or waiting.read_bytes() != b"x" * 4096


@pytest.mark.slow
def test_a_disk_can_be_cut_again_and_again(ours: Disk) -> None:
    for number in range(3):
        path = ours.mount / str(number)
        path.write_bytes(b"there")
        subprocess.run(["sync", "-f", str(ours.mount)], check=True)
        ours.exchange(ours.cut())
        assert path.read_bytes() == b"there"
    assert ours.mounted == 1
