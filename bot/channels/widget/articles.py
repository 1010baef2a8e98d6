"""The pages citations lead to: an article of the knowledge base, for everybody to read."""

from collections.abc import Mapping
from html import escape
from string import Template
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from bot.channels.assets import READS
from bot.channels.problems import Problem, ProblemKind
from bot.channels.widget.routes import WidgetOfApp
from bot.domain.conversation import Locale
from bot.domain.knowledge import ArticlePage, ArticleSection

DEEPEST_HEADING = 6
LANGUAGE_TAGS: Mapping[Locale, str] = {Locale.ZH: "zh-CN", Locale.EN: "en"}
LANGUAGE_NAMES: Mapping[Locale, str] = {Locale.ZH: "中文", Locale.EN: "English"}

WORDS: Mapping[Locale, Mapping[str, str]] = {
    Locale.EN: {
        "kind": "Help article",
        "ask": "Ask the assistant",
        "note": "Did this not help? The AI assistant answers from these articles.",
        "missing": "This article does not exist",
        "missing_text": "It may have been moved or taken down. Just ask the assistant.",
    },
    Locale.ZH: {
        "kind": "帮助文档",
        "ask": "询问助手",
        "note": "没有解决问题？AI 助手会依据这些文档回答您。",
        "missing": "没有这篇文档",
        "missing_text": "它可能已被移动或下线，您可以直接向助手提问。",
    },
}

# An SVG file is a document. In a page browsers run nothing of it; opened by itself, as a page of
# this origin, it runs nothing either, loads nothing and is in an origin of its own.
IMAGE_HEADERS: Mapping[str, str] = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
}

PAGE = Template("""<!doctype html>
<html lang="$lang">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>$title · Firstline</title>
    <link rel="icon" href="/demo/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/demo/demo.css">
    <link rel="stylesheet" href="/demo/article.css">
  </head>
  <body class="reading">
    <header>
      <img src="/demo/icon.svg" width="36" height="36" alt="">
      <div class="name">
        <p class="product">Firstline</p>
        <p>$kind</p>
      </div>
      <nav class="actions">$translation<a class="button" href="$demo">$ask</a></nav>
    </header>
    <main>
      <article class="body">
<h1>$title</h1>
$content
      </article>
    </main>
    <footer>
      <p class="note">$note <a href="$demo">$ask</a></p>
    </footer>
  </body>
</html>
""")

router = APIRouter()


@router.api_route("/kb/{path:path}", methods=READS, include_in_schema=False)
async def show_article(
    path: str,
    widget: WidgetOfApp,
    accept: Annotated[str, Header()] = "",
    accept_language: Annotated[str, Header()] = "",
) -> Response:
    """Internal and unknown articles are the same 404; browsers get it as a page."""
    page = await widget.retriever.article(path)
    if page is not None:
        return HTMLResponse(article_document(page))
    if "text/html" not in accept.lower():
        raise Problem(ProblemKind.NOT_FOUND)
    return HTMLResponse(missing_document(preferred_locale(accept_language, widget.locale)), 404)


@router.api_route("/images/{name}", methods=READS, include_in_schema=False)
async def show_image(name: str, widget: WidgetOfApp) -> Response:
    """An image that a public article shows; its name changes with its content."""
    image = await widget.retriever.image(name)
    if image is None:
        raise Problem(ProblemKind.NOT_FOUND)
    return Response(image.content, headers=IMAGE_HEADERS, media_type=image.media_type)


def article_document(page: ArticlePage) -> str:
    content = "\n".join(_section(section) for section in page.sections)
    return _document(page.locale, page.title, content, _translation(page))


def missing_document(locale: Locale) -> str:
    words = WORDS[locale]
    return _document(locale, words["missing"], f"<p>{escape(words['missing_text'])}</p>")


def _document(locale: Locale, title: str, content: str, translation: str = "") -> str:
    """`content` and `translation` are HTML, everything else is text."""
    return PAGE.substitute(
        {name: escape(text) for name, text in WORDS[locale].items()},
        lang=LANGUAGE_TAGS[locale],
        title=escape(title),
        demo=f"/demo?locale={locale.value}#ask",
        content=content,
        translation=translation,
    )


def _section(section: ArticleSection) -> str:
    if not section.heading:
        return section.html
    name = f"h{min(section.level + 1, DEEPEST_HEADING)}"
    anchor = f' id="{escape(section.anchor)}"' if section.anchor else ""
    return f"<{name}{anchor}>{escape(section.heading)}</{name}>\n{section.html}"


def _translation(page: ArticlePage) -> str:
    if page.translation_url is None:
        return ""
    other = page.locale.other
    lang, href = LANGUAGE_TAGS[other], escape(page.translation_url)
    return f'<a lang="{lang}" hreflang="{lang}" href="{href}">{LANGUAGE_NAMES[other]}</a>'


def preferred_locale(accept_language: str, default: Locale) -> Locale:
    """The first of our languages that a browser names; browsers name the best first."""
    for named in accept_language.lower().split(","):
        for locale in Locale:
            if named.strip().startswith(locale.value):
                return locale
    return default
