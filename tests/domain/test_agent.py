"""Agents and their addresses."""

import pytest

from bot.domain.agent import Agent, AgentError, Role, normal_email


@pytest.mark.parametrize("text", ["li@example.com", " Li@Example.COM ", "李@例子.公司"])
def test_address_has_one_form(text: str) -> None:
    assert normal_email(text) == text.strip().lower()


NO_ADDRESSES = [
    "",
    "li",
    "@example.com",
    "li@",
    "li@host",
    "a b@example.com",
    "a@b@example.com",
    "<li@example.com>",
    "li@example.com\n.",
    "li\x00@example.com",
    f"{'a' * 65}@example.com",
]


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(AgentError, match=r"name@example\.com"):
        normal_email(text)


def test_disabled_admin_is_none() -> None:
    assert Agent("a@example.com", "A", role=Role.ADMIN).is_admin
    assert not Agent("a@example.com", "A", role=Role.ADMIN, active=False).is_admin
    assert not Agent("a@example.com", "A").is_admin
