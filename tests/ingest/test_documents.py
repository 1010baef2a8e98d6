import errno
import os
import socket
from hashlib import sha256
from pathlib import Path

import pytest

from ingest.article import Problem
from ingest.documents import MAX_BYTES, MAX_DEPTH, Document, discover, read_fd


def write(root: Path, path: str, content: str | bytes = "# Title\n\nText.\n") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def documents(root: Path) -> list[str]:
    return [item.path for item in discover(root) if isinstance(item, Document)]


def problem(root: Path) -> Problem:
    (found,) = [item for item in discover(root) if isinstance(item, Problem)]
    return found


def test_markdown_files_are_found_in_the_order_of_their_paths(tmp_path: Path) -> None:
    for path in ("zh/b.md", "a.md", "en/c.markdown", "en/a.mdx", "B.MD"):
        write(tmp_path, path)
    assert documents(tmp_path) == ["B.MD", "a.md", "en/a.mdx", "en/c.markdown", "zh/b.md"]


@pytest.mark.parametrize(
    "path", ["notes.txt", "md", ".hidden.md", ".git/a.md", "node_modules/a.md"]
)
def test_other_files_and_hidden_folders_are_skipped(tmp_path: Path, path: str) -> None:
    write(tmp_path, path)
    write(tmp_path, "seen.md")
    assert [item.path for item in discover(tmp_path)] == ["seen.md"]


def test_a_document_has_its_text_and_the_hash_of_its_bytes(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf# \xe4\xbd\xa0\r\nText\rmore\n"
    write(tmp_path, "a.md", data)
    assert list(discover(tmp_path)) == [
        Document("a.md", "# 你\nText\nmore\n", sha256(data).hexdigest())
    ]


def test_a_link_that_leads_out_of_the_root_is_refused(tmp_path: Path) -> None:
    secret = write(tmp_path, "outside/secret.md", "secret")
    root = tmp_path / "root"
    write(root, "seen.md")
    (root / "link.md").symlink_to(secret)
    assert documents(root) == ["seen.md"]
    assert problem(root).path == "link.md"
    assert "out of the knowledge base" in problem(root).reason


def test_a_link_to_a_folder_outside_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "outside/secret.md", "secret")
    root = tmp_path / "root"
    root.mkdir()
    (root / "en").symlink_to(tmp_path / "outside")
    assert documents(root) == []
    assert problem(root).path == "en"


def test_a_link_to_an_article_that_is_found_anyway_adds_nothing(tmp_path: Path) -> None:
    target = write(tmp_path, "a.md")
    (tmp_path / "b.md").symlink_to(target)
    (tmp_path / "loop").symlink_to(tmp_path)
    assert [item.path for item in discover(tmp_path)] == ["a.md"]


def test_a_link_to_a_hidden_file_inside_is_read_as_mounted_volumes_need_it(tmp_path: Path) -> None:
    write(tmp_path, "..2026_01/a.md", "mounted")
    (tmp_path / "..data").symlink_to("..2026_01")
    (tmp_path / "a.md").symlink_to("..data/a.md")
    (document,) = discover(tmp_path)
    assert isinstance(document, Document)
    assert (document.path, document.text) == ("a.md", "mounted")


@pytest.mark.parametrize("target", ["gone.md", "loop.md"])
def test_a_broken_link_is_reported(tmp_path: Path, target: str) -> None:
    (tmp_path / "loop.md").symlink_to(tmp_path / target)
    assert "broken symbolic link" in problem(tmp_path).reason


def test_a_link_in_the_place_of_a_folder_is_not_followed_after_the_listing(tmp_path: Path) -> None:
    write(tmp_path, "outside/b.md", "secret")
    root = tmp_path / "root"
    write(root, "a.md")
    write(root, "en/b.md")

    def swap(fd: int) -> bytes:
        (root / "en").rename(root / "old")
        (root / "en").symlink_to(tmp_path / "outside")
        return read_fd(fd)

    found = list(discover(root, read=swap))
    assert [type(item) for item in found] == [Document, Problem]
    assert isinstance(found[1], Problem)
    assert "symbolic link" in found[1].reason


def test_a_link_in_the_place_of_a_file_is_not_followed_after_the_listing(tmp_path: Path) -> None:
    secret = write(tmp_path, "outside/secret.md", "secret")
    root = tmp_path / "root"
    write(root, "a.md")
    second = write(root, "b.md")

    def swap(fd: int) -> bytes:
        second.unlink(missing_ok=True)
        second.symlink_to(secret)
        return read_fd(fd)

    found = list(discover(root, read=swap))
    assert [type(item) for item in found] == [Document, Problem]
    assert isinstance(found[1], Problem)
    assert "symbolic link" in found[1].reason


def test_a_pipe_is_reported_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    assert "not a regular file" in problem(tmp_path).reason


def test_a_socket_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket has to be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.md")
        assert "not a regular file" in problem(tmp_path).reason


def test_a_folder_with_the_name_of_an_article_is_a_folder(tmp_path: Path) -> None:
    write(tmp_path, "a.md/b.md")
    assert documents(tmp_path) == ["a.md/b.md"]


def test_a_large_file_is_reported_with_its_size_and_not_read(tmp_path: Path) -> None:
    with write(tmp_path, "large.md").open("r+b") as file:
        file.truncate(2 * 1024**3)  # sparse: takes no room

    def read(fd: int) -> bytes:
        raise AssertionError("was read")

    (found,) = discover(tmp_path, read=read)
    assert isinstance(found, Problem)
    assert "2,048.0 MB" in found.reason


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    write(tmp_path, "a.md", b"a" * MAX_BYTES)
    assert documents(tmp_path) == ["a.md"]


def test_a_file_that_changes_once_while_it_is_read_is_read_again(tmp_path: Path) -> None:
    file = write(tmp_path, "a.md", "old")
    reads: list[bytes] = []

    def read(fd: int) -> bytes:
        reads.append(read_fd(fd))
        if len(reads) == 1:
            file.write_text("new text")
        return reads[-1]

    (document,) = discover(tmp_path, read=read)
    assert isinstance(document, Document)
    assert document.text == "new text"


def test_a_file_that_keeps_changing_is_reported(tmp_path: Path) -> None:
    file = write(tmp_path, "a.md", "text")

    def read(fd: int) -> bytes:
        data = read_fd(fd)
        with file.open("a") as opened:
            opened.write("more")
        return data

    (found,) = discover(tmp_path, read=read)
    assert isinstance(found, Problem)
    assert "changed while it was read" in found.reason


def test_a_file_deleted_after_the_listing_is_reported(tmp_path: Path) -> None:
    write(tmp_path, "a.md")
    second = write(tmp_path, "b.md")

    def read(fd: int) -> bytes:
        second.unlink(missing_ok=True)
        return read_fd(fd)

    found = list(discover(tmp_path, read=read))
    assert isinstance(found[1], Problem)
    assert "deleted" in found[1].reason


def test_an_unreadable_file_is_reported_and_its_neighbour_read(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "bad")
    write(tmp_path, "b.md", "good")

    def read(fd: int) -> bytes:
        data = read_fd(fd)
        if data == b"bad":
            raise OSError(5, "Input/output error")
        return data

    first, second = discover(tmp_path, read=read)
    assert first == Problem("a.md", None, "file cannot be read (Input/output error)")
    assert isinstance(second, Document)


def test_a_file_without_permission_is_reported(tmp_path: Path) -> None:
    write(tmp_path, "a.md")

    def read(fd: int) -> bytes:  # taking the permission away would not stop root
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    (found,) = discover(tmp_path, read=read)
    assert found == Problem("a.md", None, "file cannot be read (Permission denied)")


@pytest.mark.parametrize(
    ("content", "reason", "line"),
    [
        ("标题".encode("utf-16"), "not UTF-8 (looks like UTF-16); save as UTF-8", 1),
        ("# Title\n".encode("utf-16-le"), "not UTF-8 (looks like UTF-16); save as UTF-8", 1),
        ("ok\n标题\n".encode("gbk"), "not UTF-8 (looks like GBK); save as UTF-8", 2),
        (b"ok\n\n\xff\xff", "not UTF-8; save as UTF-8", 3),
        ("好\n".encode() + "坏的".encode("gbk"), "not UTF-8", 2),
        (b"ok\n\0\x01\x02", "binary content (a NUL byte), not Markdown text", 2),
    ],
)
def test_what_is_not_utf8_is_reported_with_its_line(
    tmp_path: Path, content: bytes, reason: str, line: int
) -> None:
    write(tmp_path, "a.md", content)
    assert problem(tmp_path).reason.startswith(reason)
    assert problem(tmp_path).line == line


@pytest.mark.parametrize(
    ("first", "second"),
    [("Setup.md", "setup.md"), ("EN/a.md", "en/a.md"), ("e\u0301.md", "\u00e9.md")],
)
def test_names_that_differ_only_by_case_collide(tmp_path: Path, first: str, second: str) -> None:
    first, second = sorted([first, second])
    write(tmp_path, first)
    write(tmp_path, second)
    if len(list(tmp_path.rglob("*.md"))) < 2:
        pytest.skip("this file system does not tell them apart")
    assert documents(tmp_path) == [first]
    assert problem(tmp_path).path == second
    assert first in problem(tmp_path).reason


@pytest.mark.parametrize(
    ("name", "shown"),
    [(b"a\nb.md", "a\\nb.md"), (b"a\x1b[31m.md", "a\\x1b[31m.md"), (b"\xff.md", "\\udcff.md")],
)
def test_names_that_cannot_be_shown_are_reported_escaped(
    tmp_path: Path, name: bytes, shown: str
) -> None:
    try:
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
            file.write(b"text")
    except OSError:
        pytest.skip("this file system refuses such names")
    assert problem(tmp_path).path == shown


def test_folders_nested_too_deep_are_reported(tmp_path: Path) -> None:
    write(tmp_path, "/".join("d" * MAX_DEPTH) + "/seen.md")
    write(tmp_path, "/".join("d" * (MAX_DEPTH + 1)) + "/deep.md")
    assert len(documents(tmp_path)) == 1
    assert "nested deeper" in problem(tmp_path).reason


def test_paths_longer_than_the_system_allows_are_no_obstacle(tmp_path: Path) -> None:
    write(tmp_path, "a.md")
    folder = os.open(tmp_path, os.O_RDONLY)
    for _ in range(60):  # made step by step: in one piece the path is too long
        os.mkdir("d" * 200, dir_fd=folder)
        below = os.open("d" * 200, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
    os.close(folder)
    assert documents(tmp_path) == ["a.md"]
    assert "nested deeper" in problem(tmp_path).reason


def test_a_root_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(discover(tmp_path / "gone"))


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    for path in ("a.md", "en/b.md", "en/x/c.md"):
        write(tmp_path, path)
    os.mkfifo(tmp_path / "pipe.md")
    before = len(os.listdir("/dev/fd"))
    list(discover(tmp_path))
    assert len(os.listdir("/dev/fd")) == before
