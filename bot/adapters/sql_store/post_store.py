"""The part of the store that keeps what was put up in channels elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from bot.adapters.sql_store.database import Database
from bot.adapters.sql_store.inbound_tables import posts
from bot.adapters.sql_store.statements import adding, saving
from bot.adapters.storable_text import check_storable
from bot.domain.inbound import Post, PostState

BEGIN_POST = adding(posts)
ADVANCE_POST = (
    update(posts)
    .where(
        posts.c.channel == bindparam("of"),
        posts.c.key == bindparam("named"),
        posts.c.state == bindparam("former"),
    )
    .values(reference=bindparam("now_called"), state=bindparam("now_state"))
)
SAVE_POST = saving(posts)
FIND_POST = select(posts).where(
    posts.c.channel == bindparam("of"), posts.c.key == bindparam("named")
)
LIST_POSTS = (
    select(posts)
    .where(posts.c.conversation_id == bindparam("conversation"))
    .order_by(posts.c.at, posts.c.key)
)


class SqlPosts:
    _database: Database

    async def post(self, channel: str, key: str) -> Post | None:
        return await self._database.read(_find_post, channel, key)

    async def begin_post(self, post: Post) -> bool:
        check_storable(post.key, post.place, post.reference)
        return await self._database.write(_begin_post, post)

    async def advance_post(self, post: Post, former: PostState) -> bool:
        check_storable(post.reference)
        return await self._database.write(_advance_post, post, former)

    async def save_post(self, post: Post) -> None:
        check_storable(post.key, post.place, post.reference)
        await self._database.write(_save_post, post)

    async def posts_of(self, conversation_id: str) -> Sequence[Post]:
        return await self._database.read(_list_posts, conversation_id)


def _find_post(connection: Connection, channel: str, key: str) -> Post | None:
    row = connection.execute(FIND_POST, {"of": channel, "named": key}).first()
    return _to_post(row) if row is not None else None


def _begin_post(connection: Connection, post: Post) -> bool:
    return connection.execute(BEGIN_POST[connection.dialect.name], _post_row(post)).rowcount == 1


def _advance_post(connection: Connection, post: Post, former: PostState) -> bool:
    named = {"of": post.channel, "named": post.key, "former": former}
    values = {"now_called": post.reference, "now_state": post.state}
    return connection.execute(ADVANCE_POST, named | values).rowcount == 1


def _save_post(connection: Connection, post: Post) -> None:
    connection.execute(SAVE_POST[connection.dialect.name], _post_row(post))


def _post_row(post: Post) -> Mapping[str, Any]:
    return {
        "channel": post.channel,
        "key": post.key,
        "conversation_id": post.conversation,
        "place": post.place,
        "reference": post.reference,
        "state": post.state,
        "at": post.at,
    }


def _list_posts(connection: Connection, conversation_id: str) -> Sequence[Post]:
    found = connection.execute(LIST_POSTS, {"conversation": conversation_id})
    return [_to_post(row) for row in found]


def _to_post(row: Row[Any]) -> Post:
    return Post(
        channel=row.channel,
        key=row.key,
        conversation=row.conversation_id,
        place=row.place,
        reference=row.reference,
        state=PostState(row.state),
        at=row.at,
    )
