"""python -m huiquan: the same as the command huiquan."""

from huiquan.cli.main import run

run()
