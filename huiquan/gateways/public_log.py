"""A public log at some address, fetched as a stranger does: checkpoint and tiles.  公开日志"""

from dataclasses import dataclass

import httpx

from huiquan.domain.tiles import HASH_BYTES, BadTileError, TilePath, tile_path, unbundle
from huiquan.gateways.faults import OutsiderFault

TIMEOUT_S = 20.0


@dataclass(frozen=True, kw_only=True)
class LogSource:
    """The log below one address. Every method raises OutsiderFault when it does not answer."""

    client: httpx.AsyncClient

    async def checkpoint(self) -> str:
        """The newest checkpoint."""
        raw = await self._get("checkpoint")
        if raw is None:
            raise OutsiderFault("log", "has no checkpoint yet")
        return raw.decode(errors="replace")

    async def epoch(self) -> bytes | None:
        """The declared change of keys, or None where there was none."""
        return await self._get("epoch")

    async def hashes(self, tile: TilePath) -> list[bytes]:
        """The hashes of a tile; fewer if fewer are served."""
        raw = await self._tile(tile)
        whole = [raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES)]
        return whole[: tile.width]

    async def entries(self, number: int, width: int) -> list[bytes]:
        """The entries of a bundle; fewer if fewer are served, none if they are no bundle."""
        try:
            return unbundle(await self._tile(TilePath(level=None, number=number, width=width)))[
                :width
            ]
        except BadTileError:
            return []

    async def _tile(self, tile: TilePath) -> bytes:
        """A tile at its width; a partial one may have given way to the full one."""
        raw = await self._get(f"tile/{tile_path(tile)}")
        if raw is None and not tile.is_full:
            full = TilePath(level=tile.level, number=tile.number)
            raw = await self._get(f"tile/{tile_path(full)}")
        return raw or b""

    async def _get(self, path: str) -> bytes | None:
        """What stands at an address, or None if nothing does."""
        try:
            answer = await self.client.get(path)
        except httpx.HTTPError as error:
            raise OutsiderFault("log", f"did not answer ({path})") from error
        if answer.status_code == 404:
            return None
        if answer.status_code != 200:
            raise OutsiderFault("log", f"status {answer.status_code} ({path})")
        return answer.content


def open_log(url: str) -> LogSource:
    """The log below an address; the caller closes its client."""
    base = url if url.endswith("/") else f"{url}/"
    client = httpx.AsyncClient(base_url=base, timeout=TIMEOUT_S, trust_env=False)
    return LogSource(client=client)
