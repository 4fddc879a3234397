"""huiquan torture: break a whole house for some minutes, and prove that nothing was lost.  折磨

The harness is a package of its own that the house does not import: it is started as a process,
builds a house of its own, and comes in through the public doors like everyone else.
"""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer


def torture(
    minutes: Annotated[
        float, typer.Option(min=0.5, max=600, help="how long the house is broken 时长（分钟）")
    ] = 2.0,
    seed: Annotated[
        int | None, typer.Option(help="the same seed gives the same plan of faults 种子")
    ] = None,
    home: Annotated[
        Path | None,
        typer.Option(help="a new directory for everything, which is kept 新目录，保留全部现场"),
    ] = None,
    keep: Annotated[
        bool, typer.Option(help="keep everything even when all is well 无差错也保留现场")
    ] = False,
) -> None:
    """Kill, cut, slow and lie to a house of its own; exit status 1 when a promise was broken.

    折磨测试：自建一套完整系统，在负载下击杀进程、断线、写满磁盘、拨乱时钟、让外部机构说谎，
    再用库外账本逐笔清点；有一条承诺不成立即以状态 1 退出。
    """
    words = ["--minutes", str(minutes)]
    words += ["--seed", str(seed)] if seed is not None else []
    words += ["--home", str(home)] if home is not None else []
    words += ["--keep"] if keep else []
    ended = subprocess.run([sys.executable, "-m", "torture", *words], check=False)
    raise typer.Exit(ended.returncode)
