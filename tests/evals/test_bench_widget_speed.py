import asyncio

from bot.app import create_app
from evals.bench.figures import Section
from evals.bench.widget_speed import measure_widget
from tests.chromium import CHROMIUM, pytestmark
from tests.fakes import FakeBot
from tests.web import serve

__all__ = ["pytestmark"]


def measure(url: str) -> dict[str, tuple[int, float]]:
    assert CHROMIUM
    figures = measure_widget(Section("widget"), f"{url}/demo", visits=2, chromium=CHROMIUM)
    return {figure.name: (figure.n, figure.p50) for figure in figures}


async def test_every_visit_waits_for_a_launcher_that_can_be_pressed() -> None:
    async with serve(create_app(FakeBot())) as url:
        found = await asyncio.to_thread(measure, url)
    (visits, interactive_ms), (_, late_ms) = found.values()
    assert visits == 2
    assert interactive_ms > late_ms >= 0
