"""Bills in every published shape are read to the fen; what is not sound is refused whole."""

import random
from datetime import date, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.bill_cells import read_fen, read_moment
from huiquan.domain.bill_files import Bill, BillLine, read_bill, text_rows
from huiquan.domain.bill_flaws import BadFile, FlawKind
from huiquan.domain.bill_mappings import Book, Format, Mapping, Unit, read_mapping
from huiquan.domain.days import SHANGHAI
from huiquan.gateways.mappings import load_mappings
from huiquan.gateways.workbooks import workbook_rows
from simulation.bill_facts import Fact
from simulation.bill_shapes import SHAPES

DAY = date(2026, 2, 6)
MAPPINGS = {code: known.mapping for code, known in load_mappings().items()}
ACQUIRERS = [code for code, mapping in MAPPINGS.items() if mapping.book is Book.ACQUIRER]
BANKS = [code for code, mapping in MAPPINGS.items() if mapping.book is Book.BANK]


def read(code: str, raw: bytes, day: date | None = DAY, part: str = "") -> Bill | BadFile:
    mapping = MAPPINGS[code]
    rows = workbook_rows(raw) if mapping.format is Format.XLSX else text_rows(raw, mapping)
    return rows if isinstance(rows, BadFile) else read_bill(rows, mapping, day=day, part=part)


def lines_of(found: Bill | BadFile) -> tuple[BillLine, ...]:
    assert isinstance(found, Bill), found
    return found.lines


def flaws_of(found: Bill | BadFile) -> list[tuple[FlawKind, int]]:
    assert isinstance(found, BadFile)
    return [(flaw.kind, flaw.row) for flaw in found.flaws]


def a_day(count: int = 40, seed: int = 1) -> list[Fact]:
    """Redemptions, some with a refund; orders above a thousand yuan among them."""
    dice, facts = random.Random(seed), []
    for n in range(count):
        at = datetime(2026, 2, 6, dice.randrange(24), dice.randrange(60), n % 60, tzinfo=SHANGHAI)
        face_fen, rest_fen = dice.choice((5_000, 20_000, 50_000)), dice.randrange(1, 900_000)
        ref, serial = f"2026020612{n:08}", f"4200001{n:08}"
        pay = Fact(
            kind="redeem", ref=ref, serial=serial, amount_fen=face_fen, paid_fen=rest_fen, at=at,
            day=DAY, place=f"{n % 7}",
        )  # fmt: skip
        facts.append(pay)
        if n % 4 == 0:
            facts.append(
                Fact(
                    kind="refund",
                    ref=ref,
                    sub=f"R{n}",
                    serial=f"9{serial}",
                    amount_fen=-(face_fen // 3),
                    paid_fen=-(rest_fen // 3),
                    at=at,
                    day=DAY,
                )
            )
    return facts


def a_statement() -> list[Fact]:
    at = datetime(2026, 2, 13, 10, tzinfo=SHANGHAI)
    moves = [
        ("in", "", 1_000_000_00), ("out", "20260213-7", -12_345_67), ("out", "20260213-8", -99),
        ("fee", "", -1_50), ("in", "20260213-8", 99), ("interest", "", 3_21),
    ]  # fmt: skip
    return [
        Fact(
            kind=kind,
            ref=ref,
            serial=f"B{n}",
            amount_fen=fen,
            day=at.date(),
            at=at + timedelta(hours=5 * n),
        )
        for n, (kind, ref, fen) in enumerate(moves)
    ]


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("code", ACQUIRERS)
def test_every_acquirers_shape_is_read_to_the_fen(code: str) -> None:
    facts = a_day()
    read_back = [
        (one.kind.value, one.ref, one.sub, one.amount_fen, one.paid_fen, one.at, one.day)
        for one in lines_of(read(code, SHAPES[code](facts)))
    ]
    assert read_back == [
        (one.kind, one.ref, one.sub, one.amount_fen, one.paid_fen, one.at, one.day) for one in facts
    ]


@pytest.mark.requirement("R2.4")
@pytest.mark.parametrize("code", BANKS)
def test_every_banks_shape_is_read_to_the_fen(code: str) -> None:
    facts = a_statement()
    bill = read(code, SHAPES[code](facts), day=None)
    assert isinstance(bill, Bill)
    assert (bill.first_day, bill.last_day) == (date(2026, 2, 13), date(2026, 2, 14))
    assert [(one.kind.value, one.ref, one.amount_fen, one.at) for one in bill.lines] == [
        (one.kind, one.ref or one.serial, one.amount_fen, one.at) for one in facts
    ]


@pytest.mark.parametrize("code", [*ACQUIRERS, *BANKS])
def test_a_day_on_which_nothing_happened_is_a_bill(code: str) -> None:
    if MAPPINGS[code].format is Format.FIXED:
        assert lines_of(read(code, b"")) == ()
    else:
        assert lines_of(read(code, SHAPES[code]([]))) == ()


@pytest.mark.parametrize("code", ACQUIRERS)
def test_an_acquirers_bill_must_say_of_which_day_it_is(code: str) -> None:
    assert flaws_of(read(code, SHAPES[code](a_day()), day=None)) == [(FlawKind.DAY_NEEDED, 0)]
    wrong = read(code, SHAPES[code](a_day()), day=DAY + timedelta(days=2))
    assert {kind for kind, _ in flaws_of(wrong)} == {FlawKind.OTHER_DAY}
    assert len(flaws_of(wrong)) == 20


@pytest.mark.parametrize("code", ["wechat", "alipay", "icbc-csv"])
def test_a_torn_file_is_no_bill(code: str) -> None:
    """Cut anywhere, its totals are missing or are not the sum of what is left."""
    facts = a_statement() if code in BANKS else a_day(6)
    text = SHAPES[code](facts).decode(MAPPINGS[code].encodings[-1] if code != "wechat" else "utf-8")
    lines = text.splitlines(keepends=True)
    totals = {"wechat": 2, "alipay": 3, "icbc-csv": 1}[code]
    for cut in range(1, len(lines) - totals):
        torn = "".join((*lines[:cut], *lines[cut + 1 :])).encode(
            "utf-8" if code == "wechat" else MAPPINGS[code].encodings[-1]
        )
        before = read(code, torn)
        whole = isinstance(before, Bill) and len(before.lines) == len(facts)
        assert whole or isinstance(before, BadFile), cut
        assert isinstance(read(code, "".join(lines[:cut]).encode("gb18030")), BadFile), cut


HOUSE = "kind,payment_ref,refund_ref,store_id,discount_fen,paid_fen,at\n"
GOOD = "redeem,P1,,7,5000,100,2026-02-06 10:00:00\n"
BAD = [
    ("no header", GOOD, FlawKind.NO_HEADER),
    ("nothing", "", FlawKind.NO_HEADER),
    ("a row is short", HOUSE + "redeem,P1\n", FlawKind.SHORT_ROW),
    ("what happened is unknown", HOUSE + GOOD.replace("redeem", "gift"), FlawKind.UNKNOWN_KIND),
    ("half a fen", HOUSE + GOOD.replace("5000", "5000.5"), FlawKind.BAD_AMOUNT),
    ("a word for money", HOUSE + GOOD.replace("5000", "many"), FlawKind.BAD_AMOUNT),
    ("wrong separators", HOUSE + GOOD.replace("5000", '"50,00"'), FlawKind.BAD_AMOUNT),
    ("more than there is", HOUSE + GOOD.replace("5000", "9" * 16), FlawKind.BAD_AMOUNT),
    ("no such day", HOUSE + GOOD.replace("02-06", "02-30"), FlawKind.BAD_TIME),
    ("no time", HOUSE + GOOD.replace("2026-02-06 10:00:00", ""), FlawKind.BAD_TIME),
    ("no reference", HOUSE + GOOD.replace("P1", ""), FlawKind.NO_REF),
    ("a rounded reference", HOUSE + GOOD.replace("P1", "4.2E+27"), FlawKind.LOST_DIGITS),
    ("a NUL", HOUSE + GOOD.replace("P1", "P\0001"), FlawKind.BAD_TEXT),
    ("a long reference", HOUSE + GOOD.replace("P1", "P" * 129), FlawKind.BAD_TEXT),
    ("an open quote", HOUSE + '"' + "x" * 200_000, FlawKind.UNREADABLE),
]


@pytest.mark.parametrize(
    ("text", "kind"), [pytest.param(text, kind, id=name) for name, text, kind in BAD]
)
def test_what_is_not_sound_is_refused_and_says_where(text: str, kind: FlawKind) -> None:
    flaws = flaws_of(read("house", text.encode()))
    assert [found for found, _ in flaws] == [kind]
    assert flaws[0][1] == (2 if text.startswith(HOUSE) and kind in _OF_ROWS else 0)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("", FlawKind.TOTAL_MISSING),
        ("`1,`0.01,`0.00,`0.00,`0.00,`0.01,`0.00", FlawKind.TOTAL_DIFFERS),
        ("`many,`many,`many,`many,`many,`many,`many", FlawKind.TOTAL_DIFFERS),
    ],
)
def test_totals_are_added_up_again(told: str, kind: FlawKind) -> None:
    *lines, _ = SHAPES["wechat"](a_day(6)).decode().splitlines()
    flaws = flaws_of(read("wechat", "\n".join((*lines, told)).encode()))
    assert {found for found, _ in flaws} == {kind}


_OF_ROWS = {
    FlawKind.SHORT_ROW, FlawKind.UNKNOWN_KIND, FlawKind.BAD_AMOUNT, FlawKind.BAD_TIME,
    FlawKind.NO_REF, FlawKind.LOST_DIGITS, FlawKind.BAD_TEXT,
}  # fmt: skip


def test_a_flaw_is_said_in_both_languages() -> None:
    found = read("house", (HOUSE + GOOD.replace("5000", "many")).encode())
    assert isinstance(found, BadFile)
    assert found.flaws[0].zh == "第 2 行：金额不正确：many"
    assert found.flaws[0].en == "row 2: the amount is not valid: many"


def test_a_running_balance_is_added_up_again() -> None:
    text = SHAPES["icbc-csv"](a_statement()).decode("gb18030")
    broken = text.replace("10,987,654.33", "10,987,654.34")
    assert broken != text
    assert flaws_of(read("icbc-csv", broken.encode("gb18030"), day=None)) == [
        (FlawKind.BALANCE_BROKEN, 4)
    ]


def test_newest_first_is_a_balance_too() -> None:
    head, names, *lines, total = SHAPES["icbc-csv"](a_statement()).decode("gb18030").splitlines()
    turned = "\n".join((head, names, *reversed(lines), total)).encode("gb18030")
    assert len(lines_of(read("icbc-csv", turned, day=None))) == 6


@pytest.mark.parametrize(
    ("text", "unit", "fen"),
    [
        ("1234.5", Unit.YUAN, 123_450), ("1,234.50", Unit.YUAN, 123_450), ("-0.01", Unit.YUAN, -1),
        ("+7", Unit.YUAN, 700), ("¥88.00", Unit.YUAN, 8_800), ("", Unit.YUAN, 0),
        ("--", Unit.YUAN, 0), ("12.3400", Unit.YUAN, 1_234), ("12.345", Unit.YUAN, None),
        ("1,23.45", Unit.YUAN, None), ("1e3", Unit.YUAN, None), ("１２", Unit.YUAN, None),
        ("nan", Unit.YUAN, None), ("000000001234", Unit.FEN, 1_234), ("12.00", Unit.FEN, 12),
        ("12.5", Unit.FEN, None), ("99999999999999999999", Unit.FEN, None),
    ],
)  # fmt: skip
def test_amounts_are_read_as_they_are_written(text: str, unit: Unit, fen: int | None) -> None:
    assert read_fen(text, unit) == fen


@given(st.integers(-(10**12), 10**12))
def test_an_amount_is_read_back_in_either_unit(fen: int) -> None:
    sign, whole = "-" * (fen < 0), abs(fen)
    assert read_fen(f"{sign}{whole // 100:,}.{whole % 100:02}", Unit.YUAN) == fen
    assert read_fen(str(fen), Unit.FEN) == fen


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-06 10:05:09", "2026/2/6 10:05:09", "20260206100509", "2026年2月6日 10:05:09",
        "2026-02-06T10:05:09+08:00", "2026.02.06 10:05:09.000", "0206100509",
    ],
)  # fmt: skip
def test_times_are_read_as_they_are_written(text: str) -> None:
    assert read_moment(text, DAY) == datetime(2026, 2, 6, 10, 5, 9, tzinfo=SHANGHAI)


def test_a_time_without_a_year_turns_with_the_year() -> None:
    last = datetime(2025, 12, 31, 23, 59, 58, tzinfo=SHANGHAI)
    assert read_moment("1231235958", date(2026, 1, 1)) == last
    first = datetime(2026, 1, 1, 0, 0, 1, tzinfo=SHANGHAI)
    assert read_moment("0101000001", date(2025, 12, 31)) == first


def test_a_line_twice_in_a_file_has_two_keys_and_parts_of_a_day_are_told_apart() -> None:
    text = HOUSE + GOOD + GOOD
    keys = {one.key for one in lines_of(read("house", text.encode()))}
    other = {one.key for one in lines_of(read("house", text.encode(), part="2"))}
    assert len(keys) == len(other) == 2
    assert not keys & other


@given(st.binary(max_size=400))
@pytest.mark.parametrize("code", [*ACQUIRERS, *BANKS])
def test_no_bytes_are_more_than_refused(code: str, raw: bytes) -> None:
    assert isinstance(read(code, raw), Bill | BadFile)


@cache
def a_file(code: str) -> bytes:
    """A file of this shape, made once: a workbook carries the second it was written in,
    and packs to another length with it."""
    return SHAPES[code](a_statement() if code in BANKS else a_day(3))


@given(st.data())
@pytest.mark.parametrize("code", [*ACQUIRERS, *BANKS])
def test_a_file_with_any_byte_changed_is_read_or_refused(code: str, data: st.DataObject) -> None:
    raw = bytearray(a_file(code))
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    assert isinstance(read(code, bytes(raw)), Bill | BadFile)


@pytest.mark.parametrize(
    "text",
    [
        "", "code = 1", "[", 'code="x"\nname_zh=""\nname_en=""\nbook="shop"\nat=["a"]\nref=["b"]',
        'code="x"\nname_zh=""\nname_en=""\nbook="bank"\nat=["a"]\nref=["b"]\nkinds=[]',
        'code="x"\nname_zh=""\nname_en=""\nbook="bank"\nat=["a"]\nref=["b"]\n'
        '[[kinds]]\nkind="redeem"\namount=["c"]',
    ],
)  # fmt: skip
def test_a_mapping_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_mapping(text)


def test_every_shape_has_a_mapping() -> None:
    assert set(SHAPES) == set(MAPPINGS)
    assert all(isinstance(one, Mapping) for one in MAPPINGS.values())
