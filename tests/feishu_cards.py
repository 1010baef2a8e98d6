"""What Feishu refuses of a card (https://open.feishu.cn/document/feishu-cards/card-json-v2-structure
and the pages of its components)."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]

LARGEST = 30 * 1024
MOST_TAGS = 200
ELEMENT_ID = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,19}")
TOP = {"schema", "config", "header", "body", "card_link"}
CONFIG = {"update_multi", "enable_forward", "summary", "streaming_mode", "streaming_config"}
KNOWN = {
    "markdown": {"content", "text_size", "text_align"},
    "button": {
        *("text", "type", "size", "width", "icon", "hover_tips", "confirm", "behaviors"),
        *("name", "form_action_type", "disabled"),
    },
    "column_set": {"flex_mode", "columns", "horizontal_spacing"},
    "column": {"width", "weight", "elements", "vertical_align"},
    "form": {"name", "elements"},
    "input": {
        *("name", "label", "label_position", "input_type", "rows", "max_length", "width"),
        *("required", "placeholder", "default_value"),
    },
    "select_static": {"name", "placeholder", "options", "width", "required"},
    "checker": {"name", "text", "checked"},
    "plain_text": {"content"},
    "standard_icon": {"token", "color"},
    "hr": set(),
}
MOST_TABLES = 4


def wrong_of(text: str, *, is_sent: bool = True) -> str:
    """What is wrong with a card, as a text; empty where nothing is."""
    if len(text.encode()) > LARGEST:
        return "the card is too large"
    try:
        card = json.loads(text)
    except ValueError:
        return "no JSON"
    if card.get("schema") != "2.0":
        return "not of schema 2.0"
    if unknown := set(card) - TOP | set(card.get("config") or {}) - CONFIG:
        return f"unknown property {unknown}"
    if not (card.get("config") or {}).get("update_multi", True):
        return "2.0 cards are shared"
    elements = (card.get("body") or {}).get("elements")
    if not isinstance(elements, list):
        return "no elements"
    return next(_wrongs(card, elements), "")


def elements_of(value: Any) -> Iterator[Json]:
    """All that have a tag, from the outside in."""
    if isinstance(value, Mapping):
        if "tag" in value:
            yield dict(value)
        for one in value.values():
            yield from elements_of(one)
    elif isinstance(value, list):
        for one in value:
            yield from elements_of(one)


def _wrongs(card: Json, elements: list[Json]) -> Iterator[str]:
    every = list(elements_of(card))
    if len(every) > MOST_TAGS:
        yield "element exceeds the limit"
    ids = Counter(one["element_id"] for one in every if "element_id" in one)
    yield from (f"element id {id}" for id in ids if ids[id] > 1 or not ELEMENT_ID.fullmatch(id))
    names = Counter(one["name"] for one in every if "name" in one)
    yield from (f"name {name} twice" for name in names if names[name] > 1)
    for one in every:
        yield from _of_element(one)
    nested = [one for one in every if one["tag"] == "form" and one not in elements]
    if nested:
        yield "a form stands at the root"
    for form in (one for one in elements if one["tag"] == "form"):
        yield from _of_form(form)


def _of_element(element: Json) -> Iterator[str]:
    tag = element["tag"]
    if tag not in KNOWN:
        yield f"unknown tag {tag}"
        return
    if unknown := set(element) - KNOWN[tag] - {"tag", "element_id", "margin"}:
        yield f"unknown property {unknown} of {tag}"
    match tag:
        case "markdown":
            if not isinstance(element.get("content"), str) or not element["content"].strip():
                yield "empty markdown"
            elif element["content"].count("| --- |") > MOST_TABLES:
                yield "card table number over limit"
        case "button":
            if len(element["text"]["content"]) > 100 or not element["text"]["content"]:
                yield "the button's text"
            for one in element["behaviors"]:
                if one["type"] != "callback" or not isinstance(one["value"], dict):
                    yield "the button's behaviour"
        case "input":
            if not 1 <= element.get("max_length", 1000) <= 1000:
                yield "max_length"
            if len(element.get("placeholder", {}).get("content", "")) > 100:
                yield "the placeholder"
        case "column_set":
            if element["flex_mode"] not in {"none", "stretch", "flow", "bisect", "trisect"}:
                yield "flex_mode"


def _of_form(form: Json) -> Iterator[str]:
    inside = list(elements_of(form["elements"]))
    interactive = [one for one in inside if one["tag"] in {"input", "select_static", "checker"}]
    if any(not one.get("name") for one in interactive) or not form.get("name"):
        yield "an element of a form without a name"
    if not any(one.get("form_action_type") == "submit" for one in inside):
        yield "there is no submit button in the form container"
