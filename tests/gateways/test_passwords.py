"""Passwords: kept unreadable, checked in the same time whether somebody exists or not."""

import time

from huiquan.gateways.passwords import hash_secret, is_secret


async def test_what_is_kept_of_a_password_tells_nothing_and_is_never_the_same() -> None:
    first, second = await hash_secret("a long password"), await hash_secret("a long password")
    assert first != second
    assert "password" not in first
    assert await is_secret(first, "a long password")
    assert not await is_secret(first, "a long passwort")


async def test_nobody_and_nonsense_have_no_password() -> None:
    assert not await is_secret(None, "")
    assert not await is_secret(None, "a long password")
    assert not await is_secret("not a hash", "a long password")


async def test_whoever_does_not_exist_is_checked_as_long_as_anyone() -> None:
    kept = await hash_secret("a long password")

    async def fastest(known: str | None) -> float:
        times = []
        for _ in range(5):
            started = time.perf_counter()
            await is_secret(known, "wrong")
            times.append(time.perf_counter() - started)
        return min(times)

    ratio = await fastest(None) / await fastest(kept)
    assert 0.5 < ratio < 2
