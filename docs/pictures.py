"""The pictures in the READMEs and guides, taken in Chromium: `make pictures`.

Of the demo page, of the inbox, alone and beside the widget, and of an eval report over the own
cases.
"""

import shutil
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, get_args

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from bot.settings import Settings
from bot.wiring.models import build_spaces
from docs.sample_desk import PASSWORD, SCENES, Scene, fill_queue, prepare
from evals.bench.serving import HOST, start_server
from evals.cases import OWN_CASES
from evals.command import Order, evaluate, write_report
from ingest import pipeline
from ingest.publishing import SnapshotIndex

ROOT = Path(__file__).parents[1]
FOLDER = Path(__file__).parent / "pictures"
REPORT = ROOT / "evals" / "report.png"
SUITES = ("retrieval", "follow-ups", "answers", "abstention", "clarification", "latency")

Theme = Literal["light", "dark"]
QUESTIONS: Mapping[str, str] = {
    "en": "How do I export the Gantt chart as a PDF?",
    "zh": "怎么把甘特图导出成 PDF？",
}
SIZE: ViewportSize = {"width": 1120, "height": 720}
DESK: ViewportSize = {"width": 1280, "height": 800}
# Beside each other they are as large as the desk.
WIDGET: ViewportSize = {"width": 390, "height": 800}
NARROW: ViewportSize = {"width": 890, "height": 800}
DESK_THEMES: Mapping[str, Theme] = {"en": "light", "zh": "dark"}
BESIDE = """<body style="margin: 0; display: flex; font-size: 0">
<img src="data:image/png;base64,{}"><img src="data:image/png;base64,{}"></body>"""
REPORT_SIZE: ViewportSize = {"width": 1120, "height": 1500}
FLAGS = ("--no-sandbox", "--disable-gpu", "--hide-scrollbars")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        pipeline.ingest(
            ROOT / "knowledge_base", SnapshotIndex(settings.index), build_spaces(settings)
        )
        report = Path(home) / "report.html"
        order = Order(suites=SUITES, data=OWN_CASES)
        # Before the browser, which keeps an event loop of its own running.
        write_report(report, evaluate(settings, order, lambda stage, done, total: None), None)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=list(FLAGS)
            )
            _take_all(browser, settings, report)
            browser.close()


def _take_all(browser: Browser, settings: Settings, report: Path) -> None:
    with start_server(settings.home) as (_, port):
        for locale in QUESTIONS:
            for theme in get_args(Theme):
                _take(browser, f"http://{HOST}:{port}/demo?locale={locale}", locale, theme)
    for locale in DESK_THEMES:
        _take_desk(browser, settings.home, locale)
    _take_report(browser, report)


def _take_report(browser: Browser, file: Path) -> None:
    page = browser.new_page(viewport=REPORT_SIZE, color_scheme="light")
    page.goto(file.as_uri())
    page.screenshot(path=REPORT, animations="disabled")


def _take_desk(browser: Browser, home: Path, locale: str) -> None:
    """A customer and an agent of one conversation, each in a browser of their own."""
    scene, folder = SCENES[locale], home / locale
    prepare(folder, home / "index", locale)
    options: Any = {"color_scheme": DESK_THEMES[locale], "reduced_motion": "reduce",
                    "locale": locale, "timezone_id": scene.person.timezone}  # fmt: skip
    with start_server(folder) as (_, port):
        server = f"http://{HOST}:{port}"
        fill_queue(server, locale)
        customer = browser.new_context(viewport=WIDGET, **options).new_page()
        customer.goto(f"{server}/demo?locale={locale}")
        agent = browser.new_context(viewport=DESK, **options).new_page()
        _sign_in(agent, server, scene)
        _hand_over(customer, scene, locale)
        _answer(agent, customer, scene)
        name = f"{locale}.{DESK_THEMES[locale]}.png"
        agent.screenshot(path=FOLDER / f"inbox.{name}", animations="disabled")
        agent.set_viewport_size(NARROW)
        _beside(browser, (customer, agent), FOLDER / f"person.{name}")
        for page in (customer, agent):
            page.context.close()


def _sign_in(page: Page, server: str, scene: Scene) -> None:
    page.goto(f"{server}/inbox?view=all")
    page.locator("input[name=email]").fill(scene.agent.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator(".row").first.wait_for()


def _hand_over(page: Page, scene: Scene, locale: str) -> None:
    page.evaluate(
        "token => document.querySelector('firstline-widget').identify(token)",
        scene.person.token(locale),
    )
    page.locator(".launcher").click()
    for said, text in enumerate(scene.said, 1):
        _say(page, text)
        page.locator(".log .bot").nth(said).wait_for()
        page.locator(".composer textarea:enabled").wait_for()
    page.locator(".case:visible").wait_for()


def _answer(agent: Page, customer: Page, scene: Scene) -> None:
    agent.locator(".row", has_text=scene.person.name).get_by_role("link").click()
    agent.locator(".whole h2", has_text=scene.person.name).wait_for()
    agent.keyboard.press("c")
    agent.keyboard.press("r")
    agent.keyboard.press("ControlOrMeta+A")  # in place of the draft
    agent.keyboard.type(scene.answer)
    agent.keyboard.press("Control+Enter")
    customer.locator(".log .agent").last.wait_for()
    _say(customer, scene.thanks)
    agent.locator(".message.customer", has_text=scene.thanks).wait_for()
    agent.locator(".toasts").evaluate("node => node.replaceChildren()")


def _say(page: Page, text: str) -> None:
    field = page.locator(".composer textarea")
    field.fill(text)
    field.press("Enter")


def _beside(browser: Browser, pages: Sequence[Page], file: Path) -> None:
    shots = [b64encode(page.screenshot(animations="disabled")).decode() for page in pages]
    page = browser.new_page(viewport=DESK)
    page.set_content(BESIDE.format(*shots))
    page.screenshot(path=file)
    page.close()


def _take(browser: Browser, url: str, locale: str, theme: Theme) -> None:
    context = browser.new_context(viewport=SIZE, color_scheme=theme, reduced_motion="reduce")
    page = context.new_page()
    page.goto(url)
    _ask(page, QUESTIONS[locale])
    page.screenshot(path=FOLDER / f"demo.{locale}.{theme}.png", animations="disabled")
    context.close()


def _ask(page: Page, question: str) -> None:
    page.locator(".launcher").click()
    _say(page, question)
    page.locator(".log .sources").last.wait_for()
    page.locator(".composer textarea:enabled").wait_for()


if __name__ == "__main__":
    main()
