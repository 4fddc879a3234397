"""Asking an outsider: when it rests, and when one question tries again."""

from huiquan.gateways.http import Fuse


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
