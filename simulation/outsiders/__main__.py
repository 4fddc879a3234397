"""Start one simulated outsider as a process of its own.  启动模拟外部机构

python -m simulation.outsiders identity --port 8613 --latency-ms 20
python -m simulation.outsiders sms --port 8614
"""

import argparse

import uvicorn

from simulation.outsiders.acquirer import make_acquirer
from simulation.outsiders.faults import Faults, Moods
from simulation.outsiders.identity import make_identity
from simulation.outsiders.sms import make_sms
from simulation.outsiders.wire import as_asgi

OUTSIDERS = {"acquirer": make_acquirer, "identity": make_identity, "sms": make_sms}


def run() -> None:
    """Read the command line and serve until the process is ended."""
    parser = argparse.ArgumentParser(prog="python -m simulation.outsiders")
    parser.add_argument("who", choices=sorted(OUTSIDERS))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--latency-ms", type=float, default=0.0)
    parser.add_argument("--outage-rate", type=float, default=0.0)
    parser.add_argument("--wrong-rate", type=float, default=0.0)
    told = parser.parse_args()
    faults = Faults(
        latency_ms=told.latency_ms, outage_rate=told.outage_rate, wrong_rate=told.wrong_rate
    )
    application = as_asgi(OUTSIDERS[told.who](Moods(faults, told.seed)))
    uvicorn.run(
        application,
        host=told.host,
        port=told.port,
        log_level="warning",
        lifespan="off",
        timeout_graceful_shutdown=1,  # who is made to wait for minutes does not hold up the end
    )


if __name__ == "__main__":
    run()
