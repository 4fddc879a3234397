"""huiquan acquirer: let one in, change its keys and stores, write its bill."""

import base64
import hashlib
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from huiquan.domain.signing import is_text_signed, signer_from
from huiquan.gateways.keys import load_keys, make_keys
from tests.acquirers import pem_of
from tests.cli.conftest import Command

ADD = ("--name-zh", "微付", "--name-en", "WePay", "--rail", "wechat")


def key_file(tmp_path: Path, name: str) -> str:
    path = tmp_path / f"{name}.pem"
    path.write_bytes(pem_of(ed25519.Ed25519PrivateKey.generate()))
    return str(path)


def test_an_acquirer_is_let_in_step_by_step(huiquan: Command, tmp_path: Path) -> None:
    assert huiquan("acquirer", "add", "wepay", *ADD).status == 0
    again = huiquan("acquirer", "add", "wepay", *ADD)
    assert (again.status, "acquirer_known" in again.err) == (1, True)
    bad = huiquan("acquirer", "add", "other", *ADD, "--callback-url", "http://example.com/")
    assert "bad_callback" in bad.err
    first = huiquan("acquirer", "key", "wepay", key_file(tmp_path, "1"), "--name", "wepay-1")
    assert first.status == 0, first.err
    second = huiquan("acquirer", "key", "wepay", key_file(tmp_path, "2"), "--name", "wepay-2")
    assert "key wepay-1 is good until" in second.out
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no key")
    assert "bad_key" in huiquan("acquirer", "key", "wepay", str(wrong), "--name", "x").err
    rails = tmp_path / "stores.csv"
    rails.write_text("store,terminal\njianghan,\nxiling,T1\n")
    assert "2 of 2 opened" in huiquan("acquirer", "rails", "wepay", str(rails)).out
    assert "0 of 2 opened" in huiquan("acquirer", "rails", "wepay", str(rails)).out
    assert "2 of 2 closed" in huiquan("acquirer", "rails", "wepay", str(rails), "--close").out
    rails.write_text("store,terminal\nnowhere,\n")
    assert "unknown_store" in huiquan("acquirer", "rails", "wepay", str(rails)).err
    rails.write_text("shop\nnowhere\n")
    assert "columns store, terminal" in huiquan("acquirer", "rails", "wepay", str(rails)).err
    assert huiquan("acquirer", "revoke", "wepay-1").status == 0
    assert "key_unknown" in huiquan("acquirer", "revoke", "wepay-1").err
    assert huiquan("acquirer", "suspend", "wepay").status == 0
    shown = huiquan("acquirer", "list").out
    assert "suspended" in shown
    assert "wepay-1 (revoked), wepay-2" in shown
    assert huiquan("acquirer", "admit", "wepay").status == 0
    assert "0 callbacks of wepay" in huiquan("acquirer", "retry", "wepay").out
    assert "unknown_acquirer" in huiquan("acquirer", "retry", "nobody").err


def test_a_bill_is_written_with_what_the_platform_signed(
    huiquan: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_keys(tmp_path / "keys", ("2026-mashangyouli",), os.urandom)
    monkeypatch.setenv("HUIQUAN_KEYS_DIR", str(tmp_path / "keys"))
    assert huiquan("acquirer", "add", "wepay", *ADD).status == 0
    out = tmp_path / "bills"
    said = huiquan("acquirer", "bill", "wepay", "2026-02-06", "--out", str(out))
    assert said.status == 0, said.err
    csv = (out / "bill-wepay-20260206.csv").read_bytes()
    *signed, signature = (out / "bill-wepay-20260206.sig").read_text().splitlines()
    assert csv.decode().startswith("kind,payment_ref,refund_ref,store_id,store,order_fen")
    assert signed == [
        *("huiquan-bill/1", "wepay", "20260206", "0"),
        hashlib.sha256(csv).hexdigest(),
    ]
    text = "".join(f"{line}\n" for line in signed).encode()
    key = signer_from(load_keys(tmp_path / "keys").platform).key
    assert is_text_signed(key, text, base64.b64decode(signature))
    tomorrow = huiquan("acquirer", "bill", "wepay", "2026-12-31", "--out", str(out))
    assert "bill_not_ready" in tomorrow.err
