"""huiquan verify FILE: check one consumer's proof file.  验证摇号证明"""

import json
from pathlib import Path

from huiquan.cli.trouble import fail
from huiquan.cli.verdict_lines import console, print_keys, print_verdict
from huiquan.domain.exports import PublishedKeys
from huiquan.domain.proof_sentences import OF_PROOF
from huiquan.domain.verdict_sentences import Sentence, found_sentence, verdict_json
from huiquan.domain.verification_proof import keys_in, verify_proof

_BEYOND = Sentence(zh="文件本身看不出", en="beyond any file")


def verify_file(path: Path, pinned: PublishedKeys | None, source: str, as_json: bool) -> None:
    """Check a proof file and print the verdict; exits 1 when something is wrong.

    pinned are keys from elsewhere, source says from where; without them the file's own are used.
    """
    raw = path.read_bytes()
    verdict = verify_proof(raw, pinned)
    if as_json:
        told = verdict_json(verdict, OF_PROOF)
        console.print(json.dumps(told, ensure_ascii=False, indent=2), markup=False)
    else:
        print_verdict(verdict, OF_PROOF, _BEYOND)
        if "config signatures" in verdict.checked:
            print_keys(keys_in(raw), source)
        if verdict.is_right:
            console.print("ok")
    if verdict.finding is not None:
        fail(f"{path}: {found_sentence(verdict.finding).en}")
