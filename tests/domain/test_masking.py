"""Masking: enough to know one's own, too little to find another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.masking import mask_document, mask_name, mask_phone
from tests.tables import rows

MASKED = rows("""
    what      whole                shown
    name      李四                   李*
    name      欧阳小明                 欧***
    name      买买提·阿卜杜拉             买*******
    name      JOHN SMITH           J***
    name      ÉMILE ZOLA           É***
    document  420106199001011234   4201**********1234
    document  GBR110191010100      GBR1*******0100
    document  H12345678            H1*****78
    document  12345678             12****78
    document  AB123                A***3
    phone     13800000000          138****0000
""")
MASK = {"name": mask_name, "document": mask_document, "phone": mask_phone}


@pytest.mark.parametrize("case", MASKED, ids=lambda case: case["whole"])
def test_what_a_screen_and_a_log_may_show(case: dict[str, str]) -> None:
    assert MASK[case["what"]](case["whole"]) == case["shown"]


@given(st.from_regex(r"[A-Z0-9]{5,18}", fullmatch=True))
def test_a_masked_document_keeps_its_length_and_hides_at_least_three(number: str) -> None:
    shown = mask_document(number)
    assert len(shown) == len(number)
    assert shown.count("*") >= 3
