"""Records as the tests of the evals want them."""

from typing import Any

from evals.records import Cited, Found, Record


def record(id: str = "a", **values: Any) -> Record:
    defaults = {"dataset": "own", "collection": "own", "locale": "en", "pair": "en-en"}
    return Record(**{**defaults, "id": id, "query": "how?", **values})


def found(*paths: str) -> tuple[Found, ...]:
    return tuple(Found(path, None, path, 1 / n, "…") for n, path in enumerate(paths, 1))


def answered(id: str = "a", text: str = "Click Save. [1]", **values: Any) -> Record:
    path = values.pop("cites", "en/a.md")
    return record(
        id,
        decision="answer",
        text=text,
        reply_locale=values.pop("reply_locale", "en"),
        citations=(Cited(path, None, f"/kb/{path}"),),
        **values,
    )
