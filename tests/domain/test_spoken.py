"""Every word that says itself says something in both languages, each in its own.  双语用语"""

import re

import pytest

from huiquan.domain.bill_flaws import FlawKind
from huiquan.domain.cases import DifferenceKind
from huiquan.domain.ghosts import NotOfTheDay
from huiquan.domain.monitoring import LogFlaw
from huiquan.domain.order_cases import OrderDecision
from huiquan.domain.spoken import Spoken
from huiquan.domain.verdicts import Wrong
from notary.refusals import No

KINDS: tuple[type[Spoken], ...] = (
    Wrong,
    LogFlaw,
    NotOfTheDay,
    No,
    FlawKind,
    DifferenceKind,
    OrderDecision,
)


@pytest.mark.parametrize("kind", KINDS)
def test_each_word_has_a_sentence_in_chinese_and_one_in_english(kind: type[Spoken]) -> None:
    assert set(kind)
    assert set(Spoken.__subclasses__()) == set(KINDS)
    for word in kind:
        assert kind(word.value) is word
        assert re.search(r"[\u4e00-\u9fff]", word.zh), word
        assert re.fullmatch(r"[ -~]+", word.en), word
        assert word.en != word.value


def test_a_signers_no_has_its_status_beside_its_sentences() -> None:
    assert {no.status for no in No} == {400, 403, 404, 409, 422, 503}
    assert (No.CONFLICT.status, No.CONFLICT.zh) == (409, "这一轮已签过另一份封存")
