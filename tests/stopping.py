"""A long drill that somebody stops says what it has done so far, and reckons it as the whole."""

import asyncio
import signal


def told_to_stop() -> asyncio.Event:
    """Set by Ctrl-C or by an end that is asked for, from now on, in the loop that runs."""
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    return stop
