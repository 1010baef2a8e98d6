"""Markdown from anybody becomes HTML that does nothing but show it."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from bot.adapters.article_html import BLOCKS, SPANS, TABLES, render_html, resolve_link

PATH = "en/execution/boards.md"
KNOWN = {
    PATH,
    "en/execution/tasks.md",
    "en/planning/index.md",
    "en/what? 100% #1.md",
    "zh/执行/看板.md",
}


def resolve(href: str) -> str | None:
    return resolve_link(href, PATH, KNOWN)


def render(markdown: str) -> str:
    return render_html(markdown, resolve)


# How Markdown is shown

REL = 'rel="noopener nofollow"'
TASKS = "/kb/en/execution/tasks.md"


SHOWN = [
    ("**a** *b* ~~c~~", "<p><strong>a</strong> <em>b</em> <s>c</s></p>"),
    ("`d < e`", "<p><code>d &lt; e</code></p>"),
    ("one  \ntwo", "<p>one<br>\ntwo</p>"),
    ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
    ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
    ("> a", "<blockquote>\n<p>a</p>\n</blockquote>"),
    ("```sh\na <b>\n```", '<pre tabindex="0"><code>a &lt;b&gt;\n</code></pre>'),
    ("# no heading of ours", "<p># no heading of ours</p>"),
    (
        "![a *picture*](https://canary.example/p.png)",
        '<p><a href="https://canary.example/p.png" rel="noopener nofollow">a picture</a></p>',
    ),
    (
        "<https://example.com>",
        f'<p><a href="https://example.com" {REL}>https://example.com</a></p>',
    ),
    (
        "[w](https://a.example/?b=1&c=2)",
        f'<p><a href="https://a.example/?b=1&amp;c=2" {REL}>w</a></p>',
    ),
    ('[t](tasks.md "title")', f'<p><a href="{TASKS}" {REL}>t</a></p>'),
    ("[*gone*](gone.md) [t](tasks.md)", f'<p><em>gone</em> <a href="{TASKS}" {REL}>t</a></p>'),
    ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
]


@pytest.mark.parametrize(("markdown", "html"), SHOWN)
def test_markdown_becomes_html(markdown: str, html: str) -> None:
    assert render(markdown) == html


NAME = "a" * 64
IMAGES = {"plan.png": f"/images/{NAME}.png", "evil.png": "//canary.example/p.png"}
IMG = f'<img src="/images/{NAME}.png" alt="a plan">'


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("![a plan](plan.png)", f"<p>{IMG}</p>"),
        ("- b\n\n  ![a plan](plan.png)", f"<ul>\n<li>\n<p>b</p>\n<p>{IMG}</p>\n</li>\n</ul>"),
        ("![a plan](missing.png)", "<p>a plan</p>"),
        ("![](missing.png)", "<p></p>"),
        ("![x](evil.png)", '<p><img alt="x"></p>'),  # only images of ours have an address
        ('![" on="x](plan.png)', f"<p>{IMG.replace('a plan', '&quot; on=&quot;x')}</p>"),
        (
            "![](https://a.example/b%20c.png?d)",
            f'<p><a href="https://a.example/b%20c.png?d" {REL}>b c.png</a></p>',
        ),
        ("![](https://a.example)", f'<p><a href="https://a.example" {REL}>a.example</a></p>'),
        ("[![x](https://a.example/b.png)](tasks.md)", f'<p><a href="{TASKS}" {REL}>x</a></p>'),
        ("![x](//a.example/b.png) ![y](data:image/png,a)", "<p>x y</p>"),
    ],
)  # fmt: skip
def test_images_of_ours_are_shown_and_those_of_the_web_are_links(markdown: str, html: str) -> None:
    assert render_html(markdown, resolve, IMAGES.get) == html


def test_a_wide_table_scrolls_on_its_own() -> None:
    html = render("| a | b |\n| :-: | --- |\n| `x` | 1 |")
    assert html.startswith('<div class="table" tabindex="0"><table>')
    assert re.sub(r"\s", "", html).endswith(
        "<tbody><tr><td><code>x</code></td><td>1</td></tr></tbody></table></div>"
    )
    assert "style" not in html


# Where links lead


@pytest.mark.parametrize(
    ("href", "leads_to"),
    [
        ("tasks.md", "/kb/en/execution/tasks.md"),
        ("./tasks.md", "/kb/en/execution/tasks.md"),
        ("tasks", "/kb/en/execution/tasks.md"),
        ("../planning/", "/kb/en/planning/index.md"),
        ("../planning", "/kb/en/planning/index.md"),
        ("/en/execution/tasks.md", "/kb/en/execution/tasks.md"),
        ("tasks.md#add-a-task", "/kb/en/execution/tasks.md#add-a-task"),
        ("tasks.md?plain=1#x", "/kb/en/execution/tasks.md#x"),
        (
            "../../zh/执行/看板.md#添加列",
            "/kb/zh/%E6%89%A7%E8%A1%8C/%E7%9C%8B%E6%9D%BF.md#%E6%B7%BB%E5%8A%A0%E5%88%97",
        ),
        (
            "../../zh/%E6%89%A7%E8%A1%8C/看板.md",
            "/kb/zh/%E6%89%A7%E8%A1%8C/%E7%9C%8B%E6%9D%BF.md",
        ),
        ("../what%3F%20100%25%20%231.md", "/kb/en/what%3F%20100%25%20%231.md"),
        ("#limits", "#limits"),
        ("#限制", "#%E9%99%90%E5%88%B6"),
        ('#"><b>', "#%22%3E%3Cb%3E"),
        ("https://example.com", "https://example.com"),
        ("HTTP://example.com:8080/a%20b?c=[d]#e", "HTTP://example.com:8080/a%20b?c=[d]#e"),
        ("https://例子.example/路", "https://%E4%BE%8B%E5%AD%90.example/%E8%B7%AF"),
        ('https://example.com/"<>', "https://example.com/%22%3C%3E"),
        ("http://[::1]/", "http://[::1]/"),
    ],
)
def test_a_link_leads_to_the_web_or_to_an_article(href: str, leads_to: str) -> None:
    assert resolve(href) == leads_to


UNSAFE_LINKS = [
    "",
    "?",
    "#",
    "gone.md",
    "../../../../etc/passwd",
    "/etc/passwd",
    "..",
    "/",
    "//canary.example",
    "///canary.example",
    "/\\canary.example",
    "\\\\canary.example",
    "/\t/canary.example",
    "/\n/canary.example",
    " //canary.example",
    "\x01//canary.example",
    "https:canary.example",
    "https:/canary.example",
    "https:///canary.example",
    "https:\\\\canary.example",
    "https://user@canary.example",
    "https://user:password@canary.example",
    "https://example.com\\@canary.example",
    "https://example.com%2f@canary.example",
    "https://exa\tmple.com",
    "https://exam ple.com",
    "https://example.com\u2028",
    "https://example.com:99999/",
    "https://example.com:port/",
    "https://[canary.example",
    "https://example.com／canary",
    "https://",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    " javascript:alert(1)",
    "javascript&colon;alert(1)",
    "javascript://example.com/%0aalert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "blob:https://example.com/1",
    "file:///etc/passwd",
    "filesystem:https://example.com/1",
    "view-source:https://example.com",
    "intent://example.com#Intent;end",
    "mailto:a@example.com",
    "tel:1",
    "ftp://example.com/",
    "ws://example.com/",
    "about:blank",
]


@pytest.mark.parametrize("href", UNSAFE_LINKS)
def test_every_other_link_is_only_its_words(href: str) -> None:
    assert resolve(href) is None
    assert "<a" not in render(f"[words](<{href}>)")


# What nobody can make it do

PAYLOADS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//canary.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    '<img src="https://canary.example/p.png">',
    "<image/src/onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    '<math><mtext></p><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<math><a xlink:href="javascript:alert(1)">x</a></math>',
    "<body onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src=https://canary.example></iframe>",
    "<object data=https://canary.example></object>",
    "<embed src=https://canary.example>",
    "<link rel=stylesheet href=https://canary.example/x.css>",
    "<meta http-equiv=refresh content='0;url=https://canary.example'>",
    "<base href=https://canary.example/>",
    "<style>@import 'https://canary.example/x.css';*{display:none}</style>",
    "<p style='background:url(https://canary.example)'>x</p>",
    "<form action=https://canary.example><input name=q autofocus onfocus=alert(1)></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    "<video poster=https://canary.example/v.png></video>",
    "<audio src=https://canary.example/a.mp3 autoplay></audio>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<textarea><img src=x onerror=alert(1)></textarea>",
    "<title><img src=x onerror=alert(1)></title>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<plaintext>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "<!DOCTYPE x [<!ENTITY y SYSTEM 'https://canary.example'>]>&y;",
    "</article></main></body><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</code></pre><script>alert(1)</script>",
    "</h1></h2><script>alert(1)</script>",
    "</td></table><script>alert(1)</script>",
    '" onmouseover="alert(1)" x="',
    "' autofocus onfocus='alert(1)",
    "`onmouseover=alert(1)",
    "&lt;img src=x onerror=alert(1)&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "&amp;lt;script&amp;gt;alert(1)",
    "\\<script>alert(1)\\</script>",
    "${alert(1)} $title $content {{7*7}} %s {0}",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&#58;alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](//canary.example)",
    "[x](/\\canary.example)",
    "[x](https://a:b@canary.example)",
    '[x](https://example.com/"onmouseover="alert(1))',
    '[x](https://example.com "title\\" onmouseover=alert(1)")',
    "[x][r]\n\n[r]: javascript:alert(1)",
    "[<img src=x onerror=alert(1)>](tasks.md)",
    '[x](#"onmouseover="alert(1))',
    "![x](https://canary.example/p.png)",
    "![x](javascript:alert(1))",
    '![x" onerror="alert(1)](x)',
    "![x][r]\n\n[r]: https://canary.example/r.png",
    "<javascript:alert(1)>",
    "<https://canary.example\\@x>",
    "```<img src=x onerror=alert(1)>\n</code></pre><script>alert(1)</script>\n```",
    "~~~\" onmouseover=\"alert(1)\n<script>alert(1)</script>\n~~~",
    "`</code><script>alert(1)</script>`",
    "| <b onclick=alert(1)>x</b> | [y](javascript:alert(1)) |\n|---|---|\n| <img src=x> | 1 |",
    "- <details open ontoggle=alert(1)>\n> <style>*{display:none}</style>",
    '1. a\n\n   <div id="x" onclick="alert(1)">',
    "<div><style>@import url(https://canary.example)</style>\n\n<img src=x onerror=alert(1)></div>",
    "<a href=javascript:alert(1) target=_top>x</a>",
    "<a name=x id=location>x</a>",
    "\ufeff<script>alert(1)</script>\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
    "\u202e<script>alert(1)</script>\u202c\u2028alert(1)",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    "a" * 50 + "<" * 50 + "[" * 50 + "*" * 51,
]  # fmt: skip

ATTRIBUTES = {"href", "rel", "start", "class", "tabindex"}
LINK = re.compile(r"(https://example\.com|https://canary\.example/p\.png|/kb/|#)[^\"<>\\\s]*")


@dataclass
class Inspection(HTMLParser):
    """The tags and attributes of a piece of HTML, read as a browser reads them."""

    tags: set[str] = field(default_factory=set)
    attributes: list[tuple[str, str | None]] = field(default_factory=list)
    text: str = ""
    others: list[str] = field(default_factory=list)  # comments, declarations and the like

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    @classmethod
    def of(cls, html: str) -> "Inspection":
        inspection = cls()
        inspection.feed(html)
        inspection.close()
        return inspection

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.extend(attrs)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    def handle_decl(self, decl: str) -> None:
        self.others.append(decl)

    def handle_pi(self, data: str) -> None:
        self.others.append(data)

    def unknown_decl(self, data: str) -> None:
        self.others.append(data)


def around(payload: str) -> list[str]:
    """A payload at every place where an article has text."""
    line = payload.replace("\n", " ")
    return [
        payload,
        f"Text before {payload} and after.",
        f"**{line}** *{line}* ~~{line}~~",
        f"`{line}`",
        f"[{line}](tasks.md)",
        f"[x](<{line}>)",
        f"[x](https://example.com/{line})",
        f"![{line}](x)",
        f"- {line}\n  - {line}\n1. {line}",
        f"> {line}",
        f"| {line} | b |\n| --- | --- |\n| c | {line} |",
        f"```{line}\n{payload}\n```",
    ]


def test_there_are_many_payloads() -> None:
    assert len(set(PAYLOADS)) >= 60


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_becomes_more_than_text(payload: str) -> None:
    for markdown in around(payload):
        html = render(markdown)
        inspection = Inspection.of(html)
        assert inspection.tags <= SPANS | BLOCKS | TABLES, html
        assert {name for name, _ in inspection.attributes} <= ATTRIBUTES, html
        assert inspection.others == [], html
        for name, value in inspection.attributes:
            if name == "href":
                assert LINK.fullmatch(value or ""), html
            elif name == "rel":
                assert value == "noopener nofollow"


def test_every_link_says_what_it_is_not() -> None:
    html = render("[a](tasks.md) <https://example.com> [b](#limits)")
    assert html.count("<a ") == html.count(REL) == 3


@pytest.mark.parametrize("mark", ["[", "*a", "`", "> ", "- ", "[a](", "| ", "~~", "<", "![", "\\"])
def test_markdown_made_to_hurt_still_ends(mark: str) -> None:
    assert render(mark * (4000 // len(mark)))
