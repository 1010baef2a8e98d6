"""Images of articles travel with the snapshot: what they are, how large, and who may see them."""

from hashlib import sha256
from pathlib import Path

import pytest

from ingest import images as module
from ingest.errors import IngestError, SnapshotError
from ingest.images import Images, Reference, collect_images, kind_of, locate
from ingest.pipeline import Report, ingest
from ingest.publishing import SnapshotIndex
from ingest.snapshot import Snapshot
from tests.ingest.knowledge import ARTICLES, hashed_space, write_articles

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
TEXT = "# Board\n\nA board.\n\n1. First.\n2. Second.\n\n   ![a plan]({address})\n"
LINE = 8  # of the image


def publish(folder: Path, files: dict[str, bytes], **articles: str) -> tuple[Report, Snapshot]:
    kb = write_articles(folder / "kb", ARTICLES | {f"en/{n}.md": t for n, t in articles.items()})
    for name, content in files.items():
        (kb / name).parent.mkdir(parents=True, exist_ok=True)
        (kb / name).write_bytes(content)
    index = SnapshotIndex(folder / "index")
    return ingest(kb, index, [hashed_space()]), index.load()


def name_of(content: bytes, kind: str = "png") -> str:
    return f"{sha256(content).hexdigest()}.{kind}"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "png"),
        (b"\xff\xd8\xff\xe0JFIF", "jpeg"),
        (b"GIF89a...", "gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (b"\x00\x00\x00\x20ftypavif", "avif"),
        (SVG, "svg"),
        (
            b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- a -->\n<!DOCTYPE svg PUBLIC "a" "b">\n<svg>',
            "svg",
        ),
        (b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg>&a;</svg>", None),
        (b"<svg><!ENTITY a 'b'></svg>", None),
        (b"<html><svg></svg></html>", None),
        (b"<!doctype html><script>alert(1)</script>", None),
        (b"GIF8", None),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
def test_the_bytes_say_what_it_is(content: bytes, kind: str | None) -> None:
    assert kind_of(content) == kind


def test_comments_without_end_are_read_once() -> None:
    assert kind_of(b"<!---->" * 500_000) is None  # in every order it would be hours


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("images/a.png", "en/images/a.png"),
        ("./a.png", "en/a.png"),
        ("../a.png", "a.png"),
        ("/a.png", "a.png"),
        ("a%20b.png?raw=1#x", "en/a b.png"),
        ("%E5%9B%BE.png", "en/图.png"),
        ("../../a.png", None),
        ("..%2f..%2fa.png", None),
        ("/../a.png", None),
        (".git/a.png", None),
        ("..\\a.png", None),
        ("a%00.png", None),
        ("%ff.png", None),
        ("https://example.com/a.png", None),
        ("//example.com/a.png", None),
        ("data:image/png,a", None),
        ("", None),
        ("..", None),
    ],
)
def test_an_address_means_a_file_below_the_root_or_nothing(address: str, path: str | None) -> None:
    assert locate(address, "en/board.md") == path


def test_an_image_travels_once_under_the_name_of_its_content(tmp_path: Path) -> None:
    files = {"en/a.png": PNG, "en/copy.gif": PNG}
    article = TEXT.format(address="a.png") + "\n![b](copy.gif) ![c](https://example.com/c.png)\n"
    report, snapshot = publish(tmp_path, files, board=article, other=TEXT.format(address="a.png"))
    assert report.errors == ()
    name = name_of(PNG)
    assert snapshot.images.names == {"en/a.png": name, "en/copy.gif": name}
    assert snapshot.images.read(name) == PNG
    assert f"images/{name}" in snapshot.manifest.files
    (tmp_path / "kb/en/a.png").unlink()
    assert snapshot.images.read(name) == PNG


@pytest.mark.parametrize(
    "name", ["", "../images.json", name_of(b"other"), "en/a.png", "/etc/passwd"]
)
def test_there_is_no_other_image(tmp_path: Path, name: str) -> None:
    _, snapshot = publish(tmp_path, {"en/a.png": PNG}, board=TEXT.format(address="a.png"))
    assert snapshot.images.read(name) is None


def test_what_only_internal_articles_show_does_not_travel(tmp_path: Path) -> None:
    internal = "---\naudience: internal\n---\n" + TEXT.format(address="a.png")
    report, snapshot = publish(tmp_path, {"en/a.png": PNG}, board=internal)
    assert (report.errors, snapshot.images.names) == ((), {})
    assert not any(name.startswith("images/") for name in snapshot.manifest.files)


@pytest.mark.parametrize(
    ("address", "content", "reason"),
    [
        ("a.png", b"<html></html>", "image en/a.png: not a PNG"),
        ("missing.png", PNG, "image en/missing.png: no such file"),
        ("../../a.png", PNG, "image ../../a.png: leads out of the knowledge base"),
        ("a.png", PNG + bytes(5 * 1024 * 1024), "more than 5 MB; make it smaller; left out"),
    ],
)
def test_what_cannot_be_shown_is_a_problem_with_its_place(
    tmp_path: Path, address: str, content: bytes, reason: str
) -> None:
    text = TEXT.format(address=address)
    report, snapshot = publish(tmp_path, {"en/a.png": content}, board=text, twin=text)
    (problem,) = report.errors  # once, however often it is shown
    assert (problem.path, problem.line) == ("en/board.md", LINE)
    assert reason in problem.reason
    assert snapshot.images.names == {}


@pytest.mark.parametrize("link", ["en/a.png", "en/images"])
def test_no_symbolic_link_is_followed(tmp_path: Path, link: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.png").write_bytes(PNG)
    (tmp_path / "kb/en").mkdir(parents=True)
    (tmp_path / "kb" / link).symlink_to(outside / "a.png" if link.endswith("png") else outside)
    address = "a.png" if link.endswith("png") else "images/a.png"
    report, snapshot = publish(tmp_path, {}, board=TEXT.format(address=address))
    assert "symbolic link" in report.errors[0].reason
    assert snapshot.images.names == {}


def test_all_together_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_TOTAL_BYTES", 2 * len(PNG))
    for name, content in {"a": PNG, "b": PNG, "c": PNG[:-1] + b"c", "d": PNG[:-1] + b"d"}.items():
        (tmp_path / f"{name}.png").write_bytes(content)
    references = [Reference("x.md", n, f"{name}.png") for n, name in enumerate("abcd")]
    images, problems = collect_images(tmp_path, references)
    assert set(images.names) == {"a.png", "b.png", "c.png"}
    assert [(problem.line, "together" in problem.reason) for problem in problems] == [(3, True)]


def test_a_changed_image_publishes_anew_without_embedding(tmp_path: Path) -> None:
    first, _ = publish(tmp_path, {"en/a.png": PNG}, board=TEXT.format(address="a.png"))
    second, snapshot = publish(tmp_path, {"en/a.png": SVG}, board=TEXT.format(address="a.png"))
    assert second.snapshot != first.snapshot
    assert second.embedded == 0
    assert snapshot.images.names == {"en/a.png": name_of(SVG, "svg")}


def test_an_image_that_changes_while_it_is_published_stops_it(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    images, _ = collect_images(tmp_path, [Reference("x.md", 1, "a.png")])
    (tmp_path / "a.png").write_bytes(PNG + b"more")
    (tmp_path / "snapshot").mkdir()
    with pytest.raises(IngestError, match=r"a\.png changed"):
        images.save(tmp_path / "snapshot")


def test_a_damaged_image_is_a_damaged_snapshot(tmp_path: Path) -> None:
    report, snapshot = publish(tmp_path, {"en/a.png": PNG}, board=TEXT.format(address="a.png"))
    (snapshot.images.root / "images" / name_of(PNG)).write_bytes(SVG)
    with pytest.raises(SnapshotError, match="damaged"):
        SnapshotIndex(tmp_path / "index").load()
    assert report.errors == ()


def test_a_snapshot_without_images_has_none(tmp_path: Path) -> None:
    _, snapshot = publish(tmp_path, {})
    assert snapshot.images == Images(snapshot.images.root, {})
