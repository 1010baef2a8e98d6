"""The widget's script and the page that carries it, as they are served."""

import gzip
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from bot.app import create_app
from bot.channels.widget.pages import MODULES, SCRIPT
from tests.fakes import FakeBot
from tests.web import call


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with call(create_app(FakeBot())) as client:
        yield client


@pytest.mark.parametrize("path", ["/widget.js", "/widget/markdown.js", "/widget/words.js"])
async def test_pages_of_all_origins_may_import_the_scripts(
    client: httpx.AsyncClient, path: str
) -> None:
    response = await client.get(path, headers={"Origin": "https://shop.example"})
    assert response.status_code == 200
    assert "javascript" in response.headers["content-type"]
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["cross-origin-resource-policy"] == "cross-origin"
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_the_script_is_sent_packed_and_only_when_it_changed(
    client: httpx.AsyncClient,
) -> None:
    packed = await client.get("/widget.js")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == SCRIPT.content
    assert gzip.decompress(SCRIPT.packed) == SCRIPT.content
    plain = await client.get("/widget.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == SCRIPT.content
    again = await client.get("/widget.js", headers={"If-None-Match": packed.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", ["/demo", "/demo/demo.js", "/widget.js", "/widget/words.js"])
async def test_a_head_request_gets_what_a_get_would_say(
    client: httpx.AsyncClient, path: str
) -> None:
    head, get = await client.head(path), await client.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]


async def test_only_known_files_are_given_out(client: httpx.AsyncClient) -> None:
    assert "words.js" in MODULES
    for path in ("/widget/../routes.py", "/widget/%2e%2e/pages.py", "/demo/demo.en.html"):
        assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("query", "languages", "lang"),
    [
        ("?locale=zh", "en-US", "zh-CN"),
        ("?locale=en", "zh-CN", "en"),
        ("?locale=tlh", "zh-CN,en;q=0.5", "zh-CN"),
        ("", "fr", "en"),
    ],
)
async def test_the_demo_is_in_the_language_asked_for(
    client: httpx.AsyncClient, query: str, languages: str, lang: str
) -> None:
    page = await client.get(f"/demo{query}", headers={"Accept-Language": languages})
    assert page.headers["content-type"].startswith("text/html")
    assert f'<html lang="{lang}">' in page.text
    assert f'src="widget.js" data-locale="{lang[:2]}"' in page.text
