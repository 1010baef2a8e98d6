"""The pictures in the READMEs, taken in Chromium: `make pictures`.

Of the demo page, and of an eval report over the own cases.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from bot.bootstrap import build_spaces
from bot.settings import Settings
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
REPORT_SIZE: ViewportSize = {"width": 1120, "height": 1500}
FLAGS = ("--no-sandbox", "--disable-gpu", "--hide-scrollbars")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as home, sync_playwright() as playwright:
        settings = Settings(home=Path(home))
        pipeline.ingest(
            ROOT / "knowledge_base", SnapshotIndex(settings.index), build_spaces(settings)
        )
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(FLAGS)
        )
        with start_server(settings.home) as (_, port):
            for locale in QUESTIONS:
                for theme in get_args(Theme):
                    _take(browser, f"http://{HOST}:{port}/demo?locale={locale}", locale, theme)
        _take_report(browser, settings, Path(home) / "report.html")
        browser.close()


def _take_report(browser: Browser, settings: Settings, file: Path) -> None:
    order = Order(suites=SUITES, data=OWN_CASES)
    write_report(file, evaluate(settings, order, lambda stage, done, total: None), None)
    page = browser.new_page(viewport=REPORT_SIZE, color_scheme="light")
    page.goto(file.as_uri())
    page.screenshot(path=REPORT, animations="disabled")


def _take(browser: Browser, url: str, locale: str, theme: Theme) -> None:
    context = browser.new_context(viewport=SIZE, color_scheme=theme, reduced_motion="reduce")
    page = context.new_page()
    page.goto(url)
    _ask(page, QUESTIONS[locale])
    page.screenshot(path=FOLDER / f"demo.{locale}.{theme}.png", animations="disabled")
    context.close()


def _ask(page: Page, question: str) -> None:
    page.locator(".launcher").click()
    field = page.locator(".composer textarea")
    field.fill(question)
    field.press("Enter")
    page.locator(".log .sources").last.wait_for()
    page.locator(".composer textarea:enabled").wait_for()


if __name__ == "__main__":
    main()
