"""The image's recipe, read line by line: no container engine is needed to see that it fits."""

import asyncio
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from bot import cli
from bot.app import create_app
from bot.ports import IndexStatus
from bot.server import GRACE_S, NOTICE_S
from bot.settings import settings_table
from tests.fakes import FakeBot
from tests.web import serve

ROOT = Path(__file__).parents[1]
FROM_ELSEWHERE = re.compile(r"\b(curl|wget|git|apt-get|apk|add-apt-repository)\b|://|^ADD ")


@dataclass(frozen=True)
class Instruction:
    name: str
    value: str

    @property
    def words(self) -> list[str]:
        """Of a list, or of a line of words."""
        value = self.value
        return json.loads(value) if value.startswith("[") else value.split()


def read_instructions() -> Iterator[Instruction]:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    kept = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n\s*", "", "\n".join(kept)).splitlines():
        if line.strip():
            name, _, value = line.partition(" ")
            yield Instruction(name, value.strip())


def read_stages() -> list[list[Instruction]]:
    """What is said before the first one is no part of any."""
    stages: list[list[Instruction]] = []
    for instruction in read_instructions():
        if instruction.name == "FROM":
            stages.append([])
        if stages:
            stages[-1].append(instruction)
    return stages


BUILD, IMAGE = read_stages()


def find(stage: Sequence[Instruction], name: str) -> list[Instruction]:
    return [instruction for instruction in stage if instruction.name == name]


def environment(stage: Sequence[Instruction]) -> dict[str, str]:
    pairs = [word.partition("=") for each in find(stage, "ENV") for word in each.words]
    return {name: value for name, _, value in pairs}


def arguments() -> dict[str, str]:
    pairs = [each.value.partition("=") for each in read_instructions() if each.name == "ARG"]
    return {name: value for name, _, value in pairs}


def health_command() -> list[str]:
    (check,) = find(IMAGE, "HEALTHCHECK")
    words: list[str] = json.loads(check.value.partition(" CMD ")[2])
    return words


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    return loaded


def copied_sources() -> list[str]:
    values = [re.sub(r"\$\{(\w+)\}", lambda m: arguments()[m[1]], each.value)
              for each in find(BUILD, "COPY")]  # fmt: skip
    return [source for value in values for source in value.split()[:-1]]


def test_every_file_it_copies_exists_and_is_sent_to_the_engine() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    ignored = [line for line in lines if line and not line.startswith("#")]
    sources = copied_sources()
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert [s for s in sources for pattern in ignored if fnmatch(s, pattern)] == []


def test_every_package_and_what_it_is_installed_from_is_copied() -> None:
    assert {"bot", "evals", "ingest", "prompts", "knowledge_base"} <= set(copied_sources())
    assert {"pyproject.toml", "constraints.txt", "models.txt"} <= set(copied_sources())


def test_articles_and_code_come_after_what_is_downloaded() -> None:
    (downloads,) = [n for n, each in enumerate(BUILD) if " -c constraints.txt" in each.value]
    early = [each.value for each in BUILD[:downloads] if each.name == "COPY"]
    assert early == [
        "models.txt ./",
        "pyproject.toml constraints.txt ./",
        "bot/__init__.py bot/",
    ]


def test_extras_of_the_image_exist() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    for extra in arguments()["EXTRAS"].split(","):
        assert f"\n{extra} = [" in project


def test_nothing_is_installed_from_elsewhere_than_the_registry() -> None:
    runs = [each for each in read_instructions() if each.name in ("RUN", "ADD")]
    assert [each for each in runs if FROM_ELSEWHERE.search(f"{each.name} {each.value}")] == []
    installs = [each.value for each in runs if "pip install" in each.value]
    assert len(installs) == 3
    for install in installs:
        assert re.search(r"--require-hashes|-c constraints\.txt|--no-deps \.$", install)


def test_the_image_gets_no_installer_and_no_sources() -> None:
    assert any("venv --without-pip" in each.value for each in find(BUILD, "RUN"))
    assert all(each.value.startswith("--from=build ") for each in find(IMAGE, "COPY"))
    assert not any("pip" in each.value for each in find(IMAGE, "RUN"))


def test_the_user_is_not_root() -> None:
    (user,) = find(IMAGE, "USER")
    assert user.value == "firstline"
    created = " ".join(each.value for each in find(IMAGE, "RUN"))
    assert re.search(r"useradd --uid 10001 .*\bfirstline\b", created)
    later = IMAGE[IMAGE.index(user) :]
    assert not {each.name for each in later} & {"RUN", "COPY"}


def test_its_variables_are_settings_and_its_state_is_in_the_volume() -> None:
    variables = environment(IMAGE)
    named = {name for name in variables if name.startswith("FIRSTLINE_")}
    assert named <= {row["variable"] for row in settings_table()}
    (volume,) = find(IMAGE, "VOLUME")
    assert variables["FIRSTLINE_HOME"] == volume.value
    assert find(IMAGE, "EXPOSE")[0].value == variables["FIRSTLINE_WEB__PORT"]


def test_the_index_is_where_the_bot_looks_for_it() -> None:
    index = environment(IMAGE)["FIRSTLINE_INDEX_FOLDER"]
    (ingest,) = [each.value for each in find(BUILD, "RUN") if " ingest " in each.value]
    assert f"--index {index} " in ingest
    assert f"chmod -R a+rX {index}" in ingest  # a snapshot is readable by its owner alone
    assert any(each.words[1] in index for each in find(IMAGE, "COPY"))


def test_the_command_is_one_of_the_command_line() -> None:
    (entry,), (command,) = find(IMAGE, "ENTRYPOINT"), find(IMAGE, "CMD")
    assert entry.words == ["firstline"]
    accepted = CliRunner().invoke(cli.app, [*command.words, "--help"])
    assert accepted.exit_code == 0, accepted.output
    (ingest,) = [each.value for each in find(BUILD, "RUN") if " ingest " in each.value]
    words = ingest.partition(" && ")[0].split()[1:]
    assert CliRunner().invoke(cli.app, [*words, "--help"]).exit_code == 0


async def is_healthy(url: str) -> bool:
    program, *words = health_command()
    assert program == "python"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *words,
        env={"FIRSTLINE_WEB__PORT": url.rpartition(":")[2]},
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await process.wait() == 0


async def test_the_health_check_believes_a_ready_server() -> None:
    async with serve(create_app(FakeBot())) as url:
        assert await is_healthy(url)


async def test_the_health_check_sees_a_server_without_an_index() -> None:
    bot = FakeBot()
    bot.retriever.index = IndexStatus(None)
    async with serve(create_app(bot)) as url:
        assert not await is_healthy(url)


async def test_the_health_check_sees_that_nothing_listens() -> None:
    async with serve(create_app(FakeBot())) as url:
        pass
    assert not await is_healthy(url)


def test_compose_runs_the_image_as_it_is_meant_to_be() -> None:
    bot = compose()["services"]["bot"]
    (volume,) = find(IMAGE, "VOLUME")
    assert bot["volumes"] == [f"state:{volume.value}"]
    assert bot["read_only"] is True
    assert bot["tmpfs"] == ["/tmp"]  # noqa: S108
    assert bot["ports"] == ["127.0.0.1:8000:8000"]
    assert bot["restart"] == "unless-stopped"


def test_compose_waits_until_the_bot_has_left() -> None:
    bot = compose()["services"]["bot"]
    assert int(bot["stop_grace_period"].removesuffix("s")) > GRACE_S + NOTICE_S
    assert find(IMAGE, "STOPSIGNAL")[0].value == "SIGTERM"


def test_compose_starts_postgresql_only_when_asked() -> None:
    services = compose()["services"]
    assert services["postgresql"]["profiles"] == ["postgresql"]
    assert services["bot"]["depends_on"]["postgresql"]["required"] is False
    named = {volume.partition(":")[0] for each in services.values() for volume in each["volumes"]}
    assert named == set(compose()["volumes"])


@pytest.mark.parametrize("page", ["docs/operations.md", "docs/operations.zh-CN.md"])
def test_guides_name_arguments_that_exist(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    named = re.findall(r"--build-arg (\w+)=", text)
    assert named
    assert set(named) <= set(arguments())
