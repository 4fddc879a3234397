"""A server that ends sends its last word first; whoever asks in between is told to ask again."""

import asyncio
import random
import struct
from pathlib import Path
from urllib.parse import urlsplit

from huiquan.db.connection import open_database
from huiquan.db.embedded import Embedded
from tests.houses import make_house, visit
from torture.lines import Line, Way, open_line

FIELDS = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0"
FAREWELL = b"E" + struct.pack("!i", len(FIELDS) + 4) + FIELDS


class Telling(Line):
    """A line over which something can be said in the server's name."""

    def tell_all(self, word: bytes) -> int:
        for link in self._links:
            link.near.write(word)
        return len(self._links)


async def test_between_the_servers_last_word_and_its_end_a_door_says_ask_again(
    postgres: Embedded, database_url: str
) -> None:
    socket = Path(postgres.server.pgdata) / ".s.PGSQL.5432"

    async def connect() -> Way:
        return await asyncio.open_unix_connection(socket)

    line = Telling(name="database", ways=[connect], cues=(), dice=random.Random(1))
    async with open_line(line):
        name = urlsplit(database_url).path
        over = await open_database(f"postgresql://postgres@127.0.0.1:{line.port}{name}")
        async with visit(make_house(over)) as client:
            assert (await client.get("/readyz")).status_code == 200
            assert line.tell_all(FAREWELL) >= 2
            await asyncio.sleep(0.1)
            answer = await client.get("/readyz")
            assert (answer.status_code, answer.json()["code"]) == (503, "busy")
            assert int(answer.headers["retry-after"]) >= 1
            line.cut_all()
            await asyncio.sleep(0.1)
            assert (await client.get("/readyz")).status_code == 200
        await asyncio.wait_for(over.close(), 10)
