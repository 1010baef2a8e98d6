"""Feishu has no dialogs: a form is a card below the post whose button was pressed. Once it was sent
a line stands in its place."""

from bot.channels.chat.program import Click
from bot.channels.chat.sheet import Form
from bot.channels.feishu import drawing
from bot.channels.feishu.callbacks import CLOSE
from bot.channels.feishu.events import ACTION, ASKED, POST, THREAD, TITLE, VALUE
from bot.channels.feishu.wall import FeishuWall
from bot.domain.outbox import DeskRefused


class FeishuForms:
    def __init__(self, wall: FeishuWall) -> None:
        self._wall = wall

    async def open(self, click: Click, form: Form) -> None:
        """A second click on the same button brings a second form, the same click does not."""
        if click.at is None:
            raise DeskRefused("a form stands in a chat, and the click was in none")
        carried = {
            ACTION: form.action,
            VALUE: form.value,
            THREAD: click.at.thread or "",
            ASKED: click.user,
            POST: click.post,
            TITLE: form.title,
        }
        closing = {ACTION: CLOSE, ASKED: click.user, TITLE: form.title}
        card = drawing.draw_form(form, carried, closing)
        await self._wall.send(f"form.{click.key}", click.at, card)
