"""How soon a customer can press the launcher: from navigation to an interactive widget."""

from collections.abc import Iterator

from playwright.sync_api import Browser, sync_playwright

from evals.bench.figures import Figure, Section

FLAGS = ("--no-sandbox", "--disable-gpu")
VISITS = 20

# Interactive: the element is defined, and its button is there to be found and pressed.
READY = """() => {
  const root = document.querySelector("firstline-widget")?.shadowRoot;
  return root?.querySelector(".launcher") ? performance.now() : null;
}"""
LOADED = "() => performance.getEntriesByType('navigation')[0].loadEventEnd"


def measure_widget(
    section: Section, url: str, chromium: str, visits: int = VISITS
) -> Iterator[Figure]:
    """`url` is of a page that carries the widget; every visit has an empty cache."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        _visit(browser, url)  # the first one starts the browser's processes
        timed = [_visit(browser, url) for _ in range(visits)]
        browser.close()
    ready_ms = [ready for ready, _ in timed]
    late_ms = [max(0.0, ready - loaded) for ready, loaded in timed]
    yield section.measured("widget interactive after navigation", ready_ms, "ms")
    yield section.measured("widget interactive after load", late_ms, "ms")


def _visit(browser: Browser, url: str) -> tuple[float, float]:
    """Milliseconds from navigation until the launcher is there and until the page is loaded."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(url, wait_until="commit")
    ready: float = page.wait_for_function(READY, polling=1).json_value()
    page.wait_for_load_state()
    loaded: float = page.wait_for_function(LOADED).json_value()
    page.locator(".launcher").click()
    context.close()
    return ready, loaded
