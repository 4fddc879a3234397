"""A verdict for people on the screen: Chinese first, English below it.  结论显示"""

from rich.console import Console

from huiquan.domain.exports import PublishedKeys
from huiquan.domain.verdict_sentences import Saying, Sentence, found_sentence
from huiquan.domain.verdicts import Verdict

console = Console(highlight=False, soft_wrap=True)

PARTIES = (("平台", "platform"), ("公证处", "notary"), ("审计方", "auditor"))


def print_verdict(verdict: Verdict, saying: Saying, beyond: Sentence) -> None:
    """What was checked, what is wrong, what was not checked, and what nothing here can show."""
    for name in verdict.checked:
        _print_both("✓", saying.checked(verdict, name))
    if verdict.finding is not None:
        _print_both("✗", found_sentence(verdict.finding))
    for name in verdict.unchecked:
        _print_both("–", saying.unchecked[name], "未核对 not checked: ")
    for sentence in saying.beyond:
        _print_both("–", sentence, f"{beyond.zh} {beyond.en}: ")


def print_keys(keys: PublishedKeys, source: str) -> None:
    """Whose signatures were checked: every key, and where it comes from."""
    console.print(f"  公钥 keys ({source}):", markup=False)
    for zh, name in PARTIES:
        console.print(f"    {zh} {name}: {getattr(keys, name)}", markup=False)


def _print_both(mark: str, sentence: Sentence, before: str = "") -> None:
    """One sentence in both languages."""
    console.print(f"  {mark} {before}{sentence.zh}\n    {sentence.en}", markup=False)
