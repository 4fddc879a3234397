"""huiquan verify: a verdict that people and programs can read.  验证命令"""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from huiquan.cli.main import run
from huiquan.cli.verify import run_verify
from huiquan.domain import exports
from huiquan.domain.verdict_sentences import CHECKED, UNCHECKED
from huiquan.domain.verdicts import Wrong
from huiquan.domain.verification_quick import PART_ENTRIES
from tests.browser.making_proofs import proof_files, spelled
from tests.domain.draw_days import a_drawn_day, published_keys
from tests.drills.honest_days import big_shape, honest_day, write_day

Verify = Callable[..., tuple[int, str, str]]


@pytest.fixture
def verify(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Verify:
    """Run the command in this process: exit status, output, error output."""

    def said(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["huiquan", "verify", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            run()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return said


@pytest.fixture
def day(tmp_path: Path) -> Path:
    """The folder of an honest day."""
    return write_day(a_drawn_day()[1], tmp_path / "day")


def test_the_verdict_says_what_was_checked_how_many_and_whose_keys(
    verify: Verify, day: Path
) -> None:
    status, out, _ = verify(day)
    assert status == 0
    assert "逐轮复算：2 个通道、10 轮、160 次参与、20 份证明" in out
    assert "2 lanes, 10 rounds, 160 entries, 20 proofs" in out
    assert "未核对 not checked: 公钥是否真的属于" in out
    assert published_keys().notary in out
    assert out.splitlines()[-1] == "ok"


def test_keys_from_the_announcement_are_what_is_checked_against(
    verify: Verify, day: Path, tmp_path: Path
) -> None:
    known = tmp_path / "known.json"
    known.write_bytes(exports.build_keys(published_keys()))
    _, out, _ = verify(day, "--keys", known)
    assert "未核对" not in out
    assert str(known) in out
    known.write_bytes(exports.build_keys(exports.PublishedKeys(**dict.fromkeys(
        ("platform", "notary", "auditor"), "00" * 32))))  # fmt: skip
    status, out, err = verify(day, "--keys", known)
    assert status == 1
    assert "公钥与公布的不一致：keys.json" in out
    assert "keys_differ" in err


def test_a_wrong_day_is_named_with_lane_round_and_entry_in_both_languages(
    verify: Verify, day: Path
) -> None:
    kept = (day / "kept.ndjson").read_bytes().splitlines(True)
    (day / "kept.ndjson").write_bytes(b"".join(kept[1:]))
    status, out, err = verify(day, "--json")
    assert status == 1
    verdict = json.loads(out)
    assert verdict["format"] == "huiquan/verdict/1"
    assert not verdict["right"]
    assert verdict["finding"]["wrong"] == "file_changed"
    assert verdict["finding"]["where"] == "kept.ndjson"
    assert "kept.ndjson" in err


def test_the_json_verdict_carries_every_number(verify: Verify, day: Path) -> None:
    _, out, err = verify(day, "--json", "--timing", "--processes", "1")
    verdict = json.loads(out)
    # The day is of a campaign whose keys were never changed, so there is no declaration to check.
    without_epoch = [check for check in CHECKED if check != "epoch"]
    assert [one["check"] for one in verdict["checked"]] == without_epoch
    assert [one["check"] for one in verdict["unchecked"]] == list(UNCHECKED)
    numbers = {one["check"]: one["numbers"] for one in verdict["checked"]}
    assert numbers["rounds"] == {"lanes": 2, "rounds": 10, "entries": 160, "proofs": 20}
    assert "SHA-256 of the same bytes" in err


def test_several_processes_come_to_the_same_verdict(tmp_path: Path) -> None:
    people = PART_ENTRIES + 2_000
    day, files = honest_day(big_shape(people))
    folder = write_day(files, tmp_path / "day")
    steps: list[tuple[int, int]] = []
    names: list[str] = []
    alone = run_verify(folder, processes=1)
    verdict = run_verify(
        folder, processes=2, begin=names.append, told=lambda done, of: steps.append((done, of))
    )
    assert verdict == alone
    assert verdict.is_right
    assert verdict.numbers["rounds"]["entries"] == people
    assert names == list(verdict.checked)
    assert steps[-1] == (4, 4)
    raw = bytearray(files["entries/2.bin"])
    raw[-1] ^= 1
    changed = {path: raw for path, raw in files.items() if path != "manifest.json"}
    changed["entries/2.bin"] = bytes(raw)
    write_day(changed | {"manifest.json": day.manifest(changed)}, folder)
    finding = run_verify(folder, processes=2).finding
    assert finding is not None
    assert (finding.wrong, finding.lane) == (Wrong.WRONG_ROOT, 2)


@pytest.fixture
def proofs(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a proof file of the small day: a miss, a win, a cut, or an entry alone."""
    files = proof_files()

    def write(name: str, **changes: object) -> Path:
        path = tmp_path / f"{name}.json"
        path.write_text(spelled(files[name] | changes))
        return path

    return write


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("miss", "结果：未中签", "outcome: not won"),
        ("win", "结果：中签 20.00 元", "outcome: won 20.00 yuan"),
        ("cut", "但券数不够，未中签", "cut for want of stock"),
    ],
)
def test_the_verdict_on_a_proof_says_what_was_promised_decided_and_signed(
    verify: Verify, proofs: Callable[..., Path], name: str, zh: str, en: str
) -> None:
    status, out, _ = verify(proofs(name))
    assert status == 0
    for said in (zh, en, "公证处与审计方的证明都成立", "the proofs of notary and auditor hold"):
        assert said in out
    assert "2026-02-06 通道 0 第" in out
    assert out.splitlines()[-1] == "ok"


def test_a_proof_is_held_against_keys_from_elsewhere_and_says_when_it_was_not(
    verify: Verify, proofs: Callable[..., Path], tmp_path: Path
) -> None:
    """A whole file under keys of a forger's own is right in itself: that has to be said."""
    known = tmp_path / "known.json"
    known.write_bytes(exports.build_keys(published_keys()))
    path = proofs("win")
    _, out, _ = verify(path)
    assert "未核对 not checked: 公钥是否真的属于" in out
    assert f"keys ({path})" in out
    status, out, _ = verify(path, "--keys", known)
    assert (status, "未核对" in out, f"keys ({known})" in out) == (0, False, True)
    known.write_bytes(exports.build_keys(replace(published_keys(), notary="11" * 32)))
    status, out, err = verify(path, "--keys", known)
    assert status == 1
    assert "公钥与公布的不一致" in out
    assert "keys_differ" in err


def test_a_proof_that_is_wrong_tells_nothing_of_its_outcome(
    verify: Verify, proofs: Callable[..., Path]
) -> None:
    spoiled = proof_files()["win"]["outcome_receipt"]
    spoiled["log"]["index"] += 1
    status, out, err = verify(proofs("win", outcome_receipt=spoiled))
    assert status == 1
    assert "结果：按公布的办法重新计算，与文件所说相同" in out
    assert "20.00" not in out
    assert "有轮次不在公开日志里：log" in out
    assert "not_logged" in err
    status, _, err = verify(proofs("win", format="another"))
    assert (status, "unreadable" in err) == (1, True)


def test_a_proof_has_a_verdict_for_programs_too(
    verify: Verify, proofs: Callable[..., Path]
) -> None:
    status, out, _ = verify(proofs("entry alone"), "--json")
    verdict = json.loads(out)
    assert (status, verdict["right"], verdict["format"]) == (0, True, "huiquan/verdict/1")
    assert [one["check"] for one in verdict["unchecked"]] == [
        "keys against a known source",
        "the same entry",
        "outcome",
    ]
    assert verdict["checked"][1]["numbers"]["day"] == 20260206
