"""A support desk with something to do, for the pictures: agents, customers and what they say."""

import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import jwt

from evals.bench.serving import FIRSTLINE, environment

PASSWORD = "harbour lanterns at dusk"  # noqa: S105  # of agents who live for one picture
SECRET = "of-servers-that-live-for-one-picture"  # noqa: S105
TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str
    organisation: str
    tier: str
    timezone: str

    def token(self, locale: str) -> str:
        """As a site would sign it for a customer who is signed in there."""
        claims = {
            "sub": self.id,
            "aud": "firstline",
            "exp": int(time.time()) + 600,
            "name": self.name,
            "organisation": self.organisation,
            "tier": self.tier,
            "locale": locale,
        }
        return jwt.encode(claims, SECRET, algorithm="HS256")


@dataclass(frozen=True, slots=True)
class Colleague:
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Talk:
    """What somebody wrote to the bot before they were put through."""

    by: Person | None
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """`talks` are in the queue; `person` writes `said` in the widget, `answer` is what they get."""

    agent: Colleague
    other: Colleague
    talks: tuple[Talk, ...]
    person: Person
    said: tuple[str, ...]
    answer: str
    thanks: str


SCENES: Mapping[str, Scene] = {
    "en": Scene(
        agent=Colleague("li@example.com", "Li Wen"),
        other=Colleague("sam@example.com", "Sam Carter"),
        talks=(
            Talk(
                Person("c-1", "Tom Becker", "Alder Studio", "basic", "Europe/Berlin"),
                (
                    "Can I turn a subtask into a task of its own?",
                    "I'd rather ask a person, please.",
                ),
            ),
            Talk(
                Person("c-2", "Priya Raman", "Orchard Foods", "enterprise", "Europe/London"),
                (
                    "All tasks of our launch project are gone since this morning!",
                    "This is a disaster, 40 people cannot work. I need a human right now!",
                ),
            ),
            Talk(None, ("I was charged twice for November.", "I want to talk to a person.")),
            Talk(
                Person("c-4", "Ana Duarte", "Lumen Press", "premium", "Europe/Lisbon"),
                ("How do guests see a board?", "I'd like to talk to someone about our contract."),
            ),
        ),
        person=Person("c-5", "Mei Lin", "Harbour Ltd", "premium", "Europe/London"),
        said=(
            "How do I export the Gantt chart as a PDF?",
            "I did exactly that, and the PDF still ends after week 12. I'm getting really fed up.",
            "That is no help at all! Let me talk to a person.",
        ),
        answer="Hello Mei, I am sorry about the cut-off export. I have looked at your chart: "
        "the time range is set to one quarter. I am widening it for you now.",
        thanks="Thank you, that is what I was missing.",
    ),
    "zh": Scene(
        agent=Colleague("li@example.com", "李雯"),
        other=Colleague("zhou@example.com", "周航"),
        talks=(
            Talk(
                Person("c-1", "王子涵", "木棉设计", "basic", "Asia/Shanghai"),
                ("子任务可以变成独立的任务吗？", "能找个人帮我看看吗？"),
            ),
            Talk(
                Person("c-2", "陈思远", "果园食品", "enterprise", "Asia/Shanghai"),
                (
                    "今天早上发布项目里的任务全都不见了！",
                    "四十个人都没法干活，太离谱了，马上给我转人工！",
                ),
            ),
            Talk(None, ("十一月被重复扣款了。", "帮我转人工。")),
            Talk(
                Person("c-4", "林嘉怡", "流明出版", "premium", "Asia/Hong_Kong"),
                ("訪客可以看到看板嗎？", "我想和客服談一下合約。"),
            ),
        ),
        person=Person("c-5", "张敏", "海港贸易", "premium", "Asia/Shanghai"),
        said=(
            "怎么把甘特图导出成 PDF？",
            "我就是这么做的，导出来还是只到第 12 周，真的烦死了。",
            "完全没用！我要找人工。",
        ),
        answer="张女士您好，导出不完整给您添麻烦了。我看了您的甘特图，时间范围设成了一个季度，现在就帮您调整。",
        thanks="太好了，正等着用呢，谢谢！",
    ),
}


def prepare(folder: Path, index: Path, locale: str) -> None:
    """A home of its own for a server with the scene's agents; call it before the server starts."""
    folder.mkdir()
    os.environ |= {
        "FIRSTLINE_INDEX_FOLDER": str(index),
        "FIRSTLINE_IDENTITY__SECRET": SECRET,
        "FIRSTLINE_SLA__HOURS": "24x7",
    }
    scene = SCENES[locale]
    for colleague in (scene.agent, scene.other):
        subprocess.run(  # noqa: S603  # our own command
            [*FIRSTLINE, "agents", "add", colleague.email, "--name", colleague.name,
             "--locale", locale, "--password-stdin"],
            env=environment(folder), input=PASSWORD, text=True, check=True,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip


def fill_queue(server: str, locale: str) -> None:
    """Everybody but the one in the widget; the other agent takes the first ticket."""
    scene = SCENES[locale]
    with httpx.Client(base_url=server, timeout=TIMEOUT_S) as client:
        for talk in scene.talks:
            _talk(client, talk, locale)
    with httpx.Client(base_url=server, timeout=TIMEOUT_S) as client:
        credentials = {"email": scene.other.email, "password": PASSWORD, "code": None}
        me = _post(client, "/inbox/api/sign-in", credentials, {"Origin": server})
        headers = {"Origin": server, "X-CSRF-Token": me["csrf"]}
        queue = client.get("/inbox/api/queue", params={"view": "unassigned"}).json()
        first = min(queue["tickets"], key=lambda ticket: int(ticket["number"]))
        _post(client, f"/inbox/api/tickets/{first['id']}/claim", {}, headers)


def _talk(client: httpx.Client, talk: Talk, locale: str) -> None:
    begun = {"locale": locale}
    if talk.by is not None:
        begun |= {"identity": talk.by.token(locale), "timezone": talk.by.timezone}
    conversation = _post(client, "/v1/conversations", begun, {})
    headers = {"Authorization": f"Bearer {conversation['token']}"}
    path = f"/v1/conversations/{conversation['conversation']}/messages"
    for number, text in enumerate(talk.said):
        _post(client, path, {"text": text, "client_message_id": str(number)}, headers)


def _post(
    client: httpx.Client, path: str, body: Mapping[str, object], headers: Mapping[str, str]
) -> dict[str, str]:
    response = client.post(path, json=body, headers=dict(headers))
    response.raise_for_status()
    found: dict[str, str] = response.json()
    return found
