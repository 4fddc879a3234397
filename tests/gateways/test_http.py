"""Asking an outsider: when it rests, and when one question tries again."""

import httpx
import pytest

from huiquan.gateways.faults import OutsiderFault
from huiquan.gateways.http import Fuse, Outsider, ask


class Watch:
    """A stopped watch that is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def burnt_fuse(watch: Watch) -> Fuse:
    fuse = Fuse(limit=3, rest_s=2.0, monotonic=watch)
    for _ in range(3):
        assert fuse.lets_through()
        fuse.note(answered=False)
    return fuse


def test_after_three_faults_in_a_row_nobody_is_asked_for_two_seconds() -> None:
    watch = Watch()
    fuse = burnt_fuse(watch)
    assert not fuse.lets_through()
    watch.now_s += 1.9
    assert not fuse.lets_through()


def test_after_the_rest_one_question_tries_and_the_others_wait() -> None:
    watch = Watch()
    fuse = burnt_fuse(watch)
    watch.now_s += 2
    assert fuse.lets_through()
    assert not fuse.lets_through()


def test_a_fault_of_the_one_that_tries_means_another_rest() -> None:
    watch = Watch()
    fuse = burnt_fuse(watch)
    watch.now_s += 2
    assert fuse.lets_through()
    fuse.note(answered=False)
    watch.now_s += 1.9
    assert not fuse.lets_through()
    watch.now_s += 0.1
    assert fuse.lets_through()


def test_one_answer_ends_the_rest() -> None:
    watch = Watch()
    fuse = burnt_fuse(watch)
    watch.now_s += 2
    assert fuse.lets_through()
    fuse.note(answered=True)
    assert fuse.lets_through()
    assert fuse.lets_through()


def test_faults_with_answers_between_them_never_add_up() -> None:
    fuse = Fuse(limit=3, monotonic=Watch())
    for turn in range(30):
        fuse.note(answered=turn % 3 == 2)
        assert fuse.lets_through()


def outsider_that_says(status: int, asked: list[str]) -> Outsider:
    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(status, json={"code": "behind"})

    client = httpx.AsyncClient(
        base_url="http://outsider", transport=httpx.MockTransport(answer), timeout=2.0
    )
    return Outsider(name="signer", client=client, fuse=Fuse(limit=3))


async def test_a_refusal_of_status_409_is_an_answer_and_nobody_rests_for_it() -> None:
    asked: list[str] = []
    signer = outsider_that_says(409, asked)
    for _ in range(7):
        with pytest.raises(OutsiderFault) as fault:
            await ask(signer, "/sign", {}, dict, tries=3)
        assert fault.value.reason == "status 409 behind"
    assert len(asked) == 7, "the same question gets the same refusal, so it is put once"
    assert signer.fuse.faults_in_a_row == 0


async def test_a_status_that_is_no_answer_still_counts_as_silence() -> None:
    asked: list[str] = []
    signer = outsider_that_says(503, asked)
    for _ in range(3):
        with pytest.raises(OutsiderFault, match="status 503"):
            await ask(signer, "/sign", {}, dict)
    with pytest.raises(OutsiderFault, match="resting"):
        await ask(signer, "/sign", {}, dict)
    assert len(asked) == 3
