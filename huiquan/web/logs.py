"""The log of the web process: one line of JSON for each event, and nobody's data in it.  日志

The usual colourful tracebacks print the value of every variable, and with it names, documents and
phones. Here a traceback names files and lines only.
"""

from typing import Any

import structlog


def web_log() -> Any:
    """The logger of one site; nothing global is set."""
    return structlog.wrap_logger(
        structlog.PrintLogger(),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.ExceptionRenderer(),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
