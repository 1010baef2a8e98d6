import pytest

from bot.channels.bearer import bearer_token


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer abc", "abc"),
        ("BEARER  abc ", "abc"),
        ("", None),
        ("Bearer", None),
        ("Bearer ", None),
        ("abc", None),
        ("Basic abc", None),
        (" Bearer abc", None),
    ],
)
def test_a_token_is_read_from_the_header(header: str, token: str | None) -> None:
    assert bearer_token(header) == token
