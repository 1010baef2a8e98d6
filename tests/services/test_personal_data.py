"""What is found, and above all what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.personal_data import Kind, find


def kinds(text: str) -> list[tuple[str, str]]:
    return [(found.kind.value, text[found.start : found.end]) for found in find(text)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("write to jo.doe+x@mail.example.com now", Kind.EMAIL, "jo.doe+x@mail.example.com"),
        ("发到li@example.cn就行", Kind.EMAIL, "li@example.cn"),
        ("call +49 30 1234567 today", Kind.PHONE, "+49 30 1234567"),
        ("call (030) 123-4567", Kind.PHONE, "(030) 123-4567"),
        ("我的电话13812345678，谢谢", Kind.PHONE, "13812345678"),
        ("座机010-62345678，分机8012", Kind.PHONE, "010-62345678"),
        ("reach me: 138 1234 5678", Kind.PHONE, "138 1234 5678"),
        ("+86 138-1234-5678", Kind.PHONE, "+86 138-1234-5678"),
        ("415-555-2671 any time", Kind.PHONE, "415-555-2671"),
        ("my mobile is 4155552671", Kind.PHONE, "4155552671"),
        ("my phone number is 13812345678", Kind.PHONE, "13812345678"),
        ("call me on 020 7946 0958", Kind.PHONE, "020 7946 0958"),
        ("身份证11010519491231002X。", Kind.IDENTITY, "11010519491231002X"),
        ("ssn 078-05-1120", Kind.IDENTITY, "078-05-1120"),
        ("card 4111 1111 1111 1111 fails", Kind.CARD, "4111 1111 1111 1111"),
        ("银行卡号6222021234567890128", Kind.CARD, "6222021234567890128"),
        ("iban DE89 3704 0044 0532 0130 00", Kind.ACCOUNT, "DE89 3704 0044 0532 0130 00"),
        ("from 192.168.10.4", Kind.ADDRESS, "192.168.10.4"),
        ("server 203.0.113.7:8080 refuses", Kind.ADDRESS, "203.0.113.7"),
        ("http://10.0.0.5/app is slow", Kind.ADDRESS, "10.0.0.5"),
        ("IP地址是12.3.0.1", Kind.ADDRESS, "12.3.0.1"),
        ("2001:db8::ff00:42:8329 is ours", Kind.ADDRESS, "2001:db8::ff00:42:8329"),
        ("key sk-abcdefghij123456", Kind.KEY, "sk-abcdefghij123456"),
        ("Bearer abc.def.ghijk", Kind.KEY, "abc.def.ghijk"),
        ("https://bob:s3cret@host.example/x", Kind.KEY, "bob:s3cret"),
        ("my password is hunter2", Kind.CODE, "hunter2"),
        ("my password is swordfish.", Kind.CODE, "swordfish"),
        ("密码是 qwe123，进不去", Kind.CODE, "qwe123"),
        ("密码：wodemima", Kind.CODE, "wodemima"),
        ("密码改成了Abc12345还是不行", Kind.CODE, "Abc12345"),
        ("验证码是 482913", Kind.CODE, "482913"),
        ("token=abcd1234efgh", Kind.CODE, "abcd1234efgh"),
    ],
)
def test_what_points_to_a_person_is_found(text: str, kind: Kind, value: str) -> None:
    assert kinds(text) == [(kind.value, value)]


@pytest.mark.parametrize(
    "text",
    [
        # versions
        "we run 12.3.0.1",
        "Firstline 12.3.0.1 crashes",
        "updated from 10.2.3.4 to 10.2.3.5",
        "升级到12.3.0.1之后打不开",
        "版本号是 10.2.3.4",
        "客户端 3.12.1.0 打不开",
        "Chrome 120.0.6099.71",
        "npm i left-pad@1.3.0",
        # prices and amounts
        "1,200.50 EUR or ¥13800000 a year",
        "金额 13800000 元，各 4980",
        # numbers of things
        "ticket INV-20931 and T-1042",
        "order 4111111111111111 did not arrive",
        "订单号 202609211234567 和工单号13812345678",
        "#13812345678",
        "4155552671 rows were imported",
        "E_TIMEOUT, code 20931234567",
        "timestamp 1638123456789",
        # dates and times
        "2026-09-21 14:30:05",
        "2026092112345678",
        "2026年9月21日 14:30",
        # people's names, and ours
        "My name is Jane Doe, please ask Mr. Miller",
        "我叫王小明，请转给李女士",
        "客服400-810-8888打不通",
        # questions about such things
        "my password is wrong",
        "The password is required to log in",
        "reset password: how do I do that?",
        "密码是必填的吗",
        "验证码收不到",
        "the API token is expired",
        "token: expired",
        # code
        "git@github.com:acme/app.git",
        "std::vector at 12:30:45",
        "127.0.0.1 works",
        "key_results_2026 board",
        "id 3f2b8c1e-1111-2222-3333-444455556666",
        "身份证 110105194912310021 校验不过",
    ],
)
def test_what_only_looks_like_it_is_left(text: str) -> None:
    assert kinds(text) == []


@given(st.text(alphabet=st.sampled_from("0123456789 .-+:@/()ab密码是电话ip\n"), max_size=120))
def test_places_are_in_order_inside_the_text_and_never_overlap(text: str) -> None:
    position = 0
    for found in find(text):
        assert position <= found.start < found.end <= len(text)
        position = found.end
