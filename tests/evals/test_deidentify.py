import pytest

from evals.deidentify import Deidentifier


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to jo.doe+x@mail.example.com now", "write to [email 1] now"),
        ("发到 li@example.cn 就行", "发到 [email 1] 就行"),
        ("call +49 30 1234567 today", "call [phone 1] today"),
        ("call (030) 123-4567", "call [phone 1]"),
        ("我的电话13812345678，谢谢", "我的电话[phone 1]，谢谢"),
        ("身份证11010519491231002X。", "身份证[identity number 1]。"),
        ("ssn 078-05-1120", "ssn [identity number 1]"),
        ("card 4111 1111 1111 1111 fails", "card [card 1] fails"),
        ("iban DE89 3704 0044 0532 0130 00", "iban [bank account 1]"),
        ("order 12345678 is late", "order [number 1] is late"),
        ("ticket INV-20931", "ticket [number 1]"),
        ("from 192.168.10.4", "from [address 1]"),
        ("see https://app.example.com/p/48213/tasks?x=1", "see [link 1]"),
        ("key sk-abcdefghij123456", "key [token 1]"),
        ("Bearer abc.def.ghijk", "Bearer [token 1]"),
        ("my password is hunter2", "my password is [secret 1]"),
        ("密码是 qwe123，进不去", "密码是 [secret 1]，进不去"),
        ("id 3f2b8c1e-1111-2222-3333-444455556666", "id [id 1]"),
        ("hash 9f86d081884c7d659a2f", "hash [id 1]"),
        ("Hi, my name is Jane Doe", "Hi, my name is [name 1]"),
        ("Dear Ms. Miller, it broke", "Dear Ms. [name 1], it broke"),
        ("我叫王小明，看板打不开", "我叫[name 1]，看板打不开"),
        ("请转给李女士", "请转给[name 1]女士"),
    ],
)
def test_what_points_to_a_person_is_masked(text: str, masked: str) -> None:
    assert Deidentifier().mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "Hi there, how do I move WEB-12 to the sprint of 2026-09-21?",
        "How do I export 250 MB at 14:30?",
        "Version 3.12.1 costs 1,200.50 a year",
        "see https://help.example.com/en/boards",
        "Hello Team, where is the Gantt chart?",
        "怎么把任务 WEB-12 移到 2026年9月？",
        "我是管理员，怎么加人",
    ],
)
def test_what_does_not_is_left(text: str) -> None:
    assert Deidentifier().mask(text) == text


def test_the_same_thing_has_the_same_mask_in_all_texts() -> None:
    mask = Deidentifier().mask
    assert mask("a@example.com and b@example.com") == "[email 1] and [email 2]"
    assert mask("B@example.com again") == "[email 2] again"


def test_a_name_is_known_from_then_on() -> None:
    mask = Deidentifier().mask
    assert mask("My name is Jane. Thanks, Jane") == "My name is [name 1]. Thanks, [name 1]"
    assert mask("so jane cannot sign in") == "so [name 1] cannot sign in"
