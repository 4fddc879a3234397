"""What the processes of a house on one machine are started with: words and addresses.  启动清单

Whoever starts a house takes them from here: `huiquan up`, the bench, the torture, and tests.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from huiquan.cli.processes import Start
from huiquan.settings import Settings

SIGNERS = ("notary", "auditor", "witness")
LOOPS = ("rounds", "jobs")
SERVING = "huiquan.cli.serving"


def outsiders_of(settings: Settings, *more: str) -> list[Start]:
    """The simulators of the identity authority and of the SMS centre, with `more` words."""
    urls = {"identity": settings.identity_url, "sms": settings.sms_url}
    return [outsider(name, url, *more) for name, url in urls.items()]


def outsider(name: str, url: str, *more: str) -> Start:
    """One simulated outsider at its address."""
    words = ("-m", "simulation.outsiders", name, "--port", port_of(url), *more)
    return Start(name=name, arguments=words, ready_url=f"{url}/control")


def signer_urls(settings: Settings) -> dict[str, str]:
    """Where notary, auditor and witness answer."""
    urls = (settings.notary_url, settings.auditor_url, settings.witness_url)
    return dict(zip(SIGNERS, urls, strict=True))


def signers_of(
    settings: Settings,
    *,
    desks: Mapping[str, int] | None = None,
    clocks: Mapping[str, Path] | None = None,
) -> Iterator[Start]:
    """Notary, auditor and witness: the program itself, as on a machine of its own, each with its
    own home in the house's. desks: the ports of their pages. clocks: a clock of their own."""
    for name, url in signer_urls(settings).items():
        clock = (clocks or {}).get(name, settings.clock_file)
        words = signer_words(settings, name, settings.home / name, port_of(url), clock)
        if desks and name in desks:
            words += ["--page-port", str(desks[name])]
        yield Start(name=name, arguments=("-m", "notary", *words), ready_url=key_url(url))


def signer_words(
    settings: Settings, role: str, home: Path, port: str, clock_file: Path | None
) -> list[str]:
    """A signer's command line; it goes by the house's clock, or by the one in a file."""
    clock = ["--clock-offset-s", str(round(settings.clock_offset_s))]
    if clock_file is not None:
        clock = ["--clock-file", str(clock_file)]
    return ["--role", role, "--home", str(home), "--port", port, *clock]


def key_url(signer_url: str) -> str:
    """Where a signer tells its key as soon as it is there."""
    return f"{signer_url}/v1/key"


def web_at(
    settings: Settings,
    name: str = "web",
    *,
    port: int | None = None,
    workers: int = 1,
    ready: str = "healthz",
) -> Start:
    """A web process, at the house's port or at one of its own; or several that share the port.

    ready: the page that answers when the process does, "readyz" when it reaches the database, too.
    """
    words: tuple[str, ...] = ("-m", SERVING, "web")
    if workers > 1:
        words = ("-m", "huiquan", "serve", "web", "--workers", str(workers))
    page = f"http://{settings.host}:{port or settings.web_port}/{ready}"
    return Start(name=name, arguments=words, ready_url=page)


def loops_of(*names: str) -> list[Start]:
    """Processes that answer nobody: rounds and jobs."""
    return [Start(name=name, arguments=("-m", SERVING, name)) for name in names]


def port_of(url: str) -> str:
    """The port at the end of an address."""
    return url.rsplit(":", 1)[1]
