"""The journal: what was written is there, what is torn is cut off, what was changed is found."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from wickwork.model.errors import InputError, NotFound, WickworkError
from wickwork.store.journal import Entry, Journal, read_journal
from wickwork.store.snapshots import digest_of


def filled(path: Path, count: int = 5) -> list[Entry]:
    with Journal(path, now=iter(range(1000)).__next__) as journal:
        return [journal.append("thing", {"value": i, "text": "…\n", "real": 0.1 + i}) for i in range(count)]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "run.jsonl"
    written = filled(path)
    assert list(read_journal(path)) == written
    assert [entry.number for entry in written] == [0, 1, 2, 3, 4]
    assert [entry.at for entry in written] == [0, 1, 2, 3, 4]
    assert written[2].data == {"value": 2, "text": "…\n", "real": 2.1}
    assert len({entry.sum for entry in written}) == 5
    with Journal(path) as journal:
        assert journal.last == written[-1]
        assert not journal.torn
        assert journal.append("more", {}).number == 5


def test_a_torn_last_line_is_cut_off_wherever_it_was_torn(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    written = filled(path, 3)
    whole = path.read_bytes()
    before = whole.rindex(b"\n", 0, len(whole) - 1) + 1
    for cut in range(before + 1, len(whole)):
        path.write_bytes(whole[:cut])
        assert list(read_journal(path)) == written[:2]
        with Journal(path, now=lambda: 2) as journal:
            assert journal.torn
            assert journal.last == written[1]
            assert path.stat().st_size == before
            again = journal.append("thing", dict(written[2].data))
        assert again == written[2]
        assert path.read_bytes() == whole


def test_a_last_line_of_zeros_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    written = filled(path, 2)
    with path.open("ab") as file:
        file.write(b"\0" * 40 + b"\n")
    with Journal(path) as journal:
        assert journal.torn
        assert journal.last == written[1]


@pytest.mark.parametrize("how", ["changed", "removed", "swapped", "repeated", "foreign"])
def test_a_line_that_was_tampered_with_is_found(tmp_path: Path, how: str) -> None:
    path = tmp_path / "run.jsonl"
    filled(path)
    lines = path.read_bytes().splitlines(keepends=True)
    match how:
        case "changed":
            lines[2] = lines[2].replace(b'"value":2', b'"value":7')
        case "removed":
            del lines[2]
        case "swapped":
            lines[1], lines[2] = lines[2], lines[1]
        case "repeated":
            lines.insert(2, lines[1])
        case _:
            lines[2] = b"hello\n"
    path.write_bytes(b"".join(lines))
    with pytest.raises(InputError, match=r"Line [23] of .* is damaged"):
        list(read_journal(path))
    with pytest.raises(InputError, match="damaged"):
        Journal(path)
    with pytest.raises(InputError, match="damaged"):  # and the lock was let go of
        Journal(path)


def test_a_journal_belongs_to_one_process(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with Journal(path), pytest.raises(WickworkError, match="Another process is writing the journal"):
        Journal(path)
    Journal(path).close()


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no journal"):
        list(read_journal(tmp_path / "none"))
    with pytest.raises(InputError, match="cannot be"):
        list(read_journal(tmp_path))
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="cannot be opened"):
        Journal(tmp_path / "file" / "run.jsonl")


def test_its_own_words_are_its_own(tmp_path: Path) -> None:
    with Journal(tmp_path / "run.jsonl") as journal, pytest.raises(ValueError, match="own fields"):
        journal.append("thing", {"sum": 1})


def test_a_full_disk_leaves_the_journal_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.jsonl"
    written = filled(path, 2)
    real = os.pwrite

    def half(file: int, data: bytes, offset: int) -> int:
        real(file, data[: len(data) // 2], offset)
        raise OSError(errno.ENOSPC, "No space left on device")

    with Journal(path) as journal:
        monkeypatch.setattr(os, "pwrite", half)
        with pytest.raises(WickworkError, match="No space left on device"):
            journal.append("thing", {"value": 3})
        monkeypatch.undo()
        assert list(read_journal(path)) == written
        assert journal.append("thing", {"value": 3}).number == 2
    assert len(list(read_journal(path))) == 3


def test_what_was_appended_survives_a_kill(tmp_path: Path) -> None:
    """A process that says what it has appended, killed while it appends."""
    path = tmp_path / "run.jsonl"
    program = (
        "import sys; from pathlib import Path; from wickwork.store.journal import Journal\n"
        "with Journal(Path(sys.argv[1])) as journal:\n"
        "    while True: print(journal.append('thing', {'text': 'x' * 500}).number, flush=True)\n"
    )
    for _ in range(5):
        child = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True)  # noqa: S603
        assert child.stdout is not None
        for _ in range(40):
            said = int(child.stdout.readline())
        child.kill()
        said = max([said, *(int(line) for line in child.stdout if line.endswith("\n"))])
        child.wait()
        child.stdout.close()
        assert [entry.number for entry in read_journal(path)][: said + 1] == list(range(said + 1))


@pytest.mark.parametrize("content", [b"x=1;print(x)", b"\0" * 99_000, b"import os\n", b'{"n":0}\n', b"\n"])
def test_a_file_that_is_no_journal_is_refused_and_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "strategy.py"
    path.write_bytes(content)
    for _ in range(2):
        with pytest.raises(InputError, match="is no journal"):
            Journal(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("link", [os.symlink, os.link], ids=["symbolic", "hard"])
def test_a_journal_has_one_writer_under_all_its_names(tmp_path: Path, link: Callable[..., None]) -> None:
    path, other = tmp_path / "run.jsonl", tmp_path / "elsewhere" / "same.jsonl"
    other.parent.mkdir()
    filled(path, 2)
    link(path, other)
    for first, second in ((path, other), (other, path)):
        with Journal(first), pytest.raises(WickworkError, match="Another process is writing the journal"):
            Journal(second)


def test_a_folder_or_a_circle_of_links_is_no_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    for name in (".", "..", "/", "", "a", "/dev/null"):
        with pytest.raises(InputError, match="journal"):
            Journal(Path(name))
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.endswith(".lock")) == ["a", "b"]


def test_lines_that_nothing_waited_for_may_be_lost_in_a_power_cut(tmp_path: Path) -> None:
    """The disk may have the last line and not the one before it, as long as neither was waited for."""
    path = tmp_path / "run.jsonl"
    with Journal(path) as journal:
        journal.append("one", {})
        journal.append("two", {}, durable=False)
        journal.append("three", {}, durable=False)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b"\0" * (len(lines[1]) - 1) + b"\n" + lines[2])
    assert [entry.kind for entry in read_journal(path)] == ["one"]
    with Journal(path) as journal:
        assert journal.torn
        journal.append("four", {})
    assert [entry.kind for entry in read_journal(path)] == ["one", "four"]


def test_a_line_that_was_waited_for_is_missed_whatever_follows(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with Journal(path) as journal:
        journal.append("one", {})
        journal.append("two", {})
        journal.append("three", {}, durable=False)
    lines = path.read_bytes().splitlines(keepends=True)
    whole = path.read_bytes()
    for damaged in (lines[1].replace(b"two", b"owt"), b"\0" * (len(lines[1]) - 1) + b"\n", b""):
        path.write_bytes(lines[0] + damaged + lines[2])
        with pytest.raises(InputError, match="Line 2"):
            list(read_journal(path))
        with pytest.raises(InputError, match="Line 2"):
            Journal(path)
    path.write_bytes(whole)
    assert len(list(read_journal(path))) == 3


def test_every_line_names_the_whole_hash_of_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with Journal(path) as journal:
        first, second = journal.append("one", {}), journal.append("two", {})
    assert (len(first.sum), len(second.sum)) == (64, 64)
    assert json.loads(path.read_text().splitlines()[1])["prev"] == first.sum


@pytest.mark.parametrize("torn", [False, True])
def test_what_a_journal_holds_is_on_the_disk_before_it_is_gone_on_with(
    torn: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines that an ended process wrote, and the end that a torn line was cut to."""
    path = tmp_path / "run.jsonl"
    filled(path, 3)
    if torn:
        with path.open("ab") as file:
            file.write(b'{"n": 3, "ki')
    sizes: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda file: sizes.append(os.fstat(file).st_size))
    whole = path.read_bytes().rindex(b"\n") + 1
    with Journal(path) as journal:
        assert journal.torn is torn
        assert sizes == [whole]


def test_a_state_that_json_cannot_hold_has_no_digest() -> None:
    with pytest.raises(ValueError, match="JSON"):
        digest_of({"equity": float("nan")})
