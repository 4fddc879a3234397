"""One word for one thing: the names the glossary rules out, and the lines nobody may commit."""

import ast
import re
from pathlib import Path

from huiquan.domain.catalogue import REFUSAL_SENTENCES
from huiquan.domain.refusals import Refusal
from tests.tidy.source import ROOT, of_every, python_files, tracked, tree_of

# Glossary: these would mean two things, or say nothing.
RULED_OUT = {
    "coupon",
    "utils",
    "helpers",
    "helper",
    "common",
    "manager",
    "handler",
    "service",
    "base",
    "quota",
    "freeze",
    "shard",
    "uid",
    "writeoff",
    "admin",
    "kyc",
}
NO_HOSTS = re.compile(
    "|".join(
        (
            r"pypi\.or[g]",
            r"pythonhosted\.or[g]",
            r"npmjs\.(or[g]|co[m])",
            r"(deb|security)\.debian\.or[g]",
            r"/wor[k]/(main|\.library)",
            r"/far[m]/",
        )
    )
)
NOT_OURS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def words_of(name: str) -> set[str]:
    return set(re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower().split("_"))


@of_every(python_files())
def test_names_use_the_words_of_the_glossary(path: Path) -> None:
    names = {path.stem}
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
    assert {name for name in names if words_of(name) & RULED_OUT} == set()


@of_every(python_files())
def test_money_names_end_in_their_unit(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.arg):
            assert node.arg not in {"amount", "price", "face", "threshold", "discount"}, node.lineno


def text_files() -> list[Path]:
    binary = {".png", ".jpg", ".ico", ".woff2", ".geojson"}
    return [p for p in tracked() if p.suffix not in binary and p.exists() and p.is_file()]


@of_every(text_files())
def test_no_registry_host_and_no_path_of_a_machine_is_committed(path: Path) -> None:
    assert NO_HOSTS.search(path.read_text(errors="replace")) is None


@of_every(python_files())
def test_nothing_is_left_for_later_in_a_comment(path: Path) -> None:
    assert NOT_OURS.search(path.read_text()) is None


def test_migrations_are_numbered_without_gaps_and_say_what_they_lock() -> None:
    files = sorted((ROOT / "huiquan/db/migrations").glob("*.sql"))
    numbers = [int(path.name[:4]) for path in files]
    assert numbers == list(range(1, len(files) + 1))
    for path in files:
        assert "-- Locks:" in path.read_text(), path.name


def test_every_refusal_has_both_sentences_and_every_sentence_a_refusal() -> None:
    assert {refusal.value for refusal in Refusal} == set(REFUSAL_SENTENCES)
    for refusal in Refusal:
        assert refusal.zh.endswith("。")
        assert refusal.en.endswith(".")
        assert 400 <= refusal.status < 500 or refusal.status == 503
