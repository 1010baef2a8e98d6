"""What DingTalk's public cards have no room for: forms, and whether somebody is sure.

Both are asked on a card that only who clicked sees. A form is filled in by quoting that card and
writing, or by a button where there is something to choose.
"""

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256

from bot.channels.chat.handlers import Handlers
from bot.channels.chat.locales import locale_of
from bot.channels.chat.program import Click, NotHeard, Reader, Said
from bot.channels.chat.sheet import Choice, Form, Heading, Paragraph, Part, Sheet, Small, TextField
from bot.channels.chat.text import Faint, Line
from bot.channels.dingtalk import CHANNEL, drawing
from bot.channels.dingtalk.buttons import Pressed, pack, unpack
from bot.channels.dingtalk.drawing import Card, DrawnButton
from bot.channels.dingtalk.events import click_of
from bot.channels.dingtalk.refusals import THERE_ALREADY, DingTalkNotHeard
from bot.channels.dingtalk.tracks import Track, Tracks
from bot.channels.dingtalk.wall import DingTalkWall
from bot.domain.conversation import Locale
from bot.domain.inbound import InboundEvent, Post
from bot.ports import Prompts
from bot.ports.inbound import PostStore

ACT = "dingtalk"
DISMISS = "dismiss"  # the action of a button that leaves all as it is


class SingleCards:
    """Cards for one person, each shown once for what it is asked by."""

    def __init__(self, wall: DingTalkWall, tracks: Tracks) -> None:
        self._wall = wall
        self._tracks = tracks

    async def show(self, reference: str, click: Click, card: Card) -> Track | None:
        """What is known of it; None where it was shown before. Raises as a wall."""
        if click.at is None:
            raise NotHeard("the click was in no chat")
        try:
            carrier = await self._wall.show_alone(reference, click.at, click.user, card)
        except DingTalkNotHeard as error:
            if error.code == THERE_ALREADY:
                return None
            raise
        about = await self._tracks.track(click.post) or await self._tracks.track(click.handle)
        conversation = about.conversation if about is not None else ""
        track = Track(reference, conversation, click.at.address, {}, carrier)
        await self._tracks.note(track)
        return track


class DingTalkForms:
    def __init__(
        self, cards: SingleCards, posts: PostStore, prompts: Prompts, default_locale: Locale
    ) -> None:
        self._cards = cards
        self._posts = posts
        self._prompts = prompts
        self._default_locale = default_locale

    async def open(self, click: Click, form: Form) -> None:
        """Shown once for a click."""
        reference = f"firstline.form.{_digest(click.key, form.action)}"
        track = await self._cards.show(reference, click, self._card(click, form))
        if track is None or not track.conversation:
            return
        fields = [one.name for one in form.fields if isinstance(one, TextField)]
        kept = {
            "action": form.action,
            "value": form.value,
            "post": click.post,
            "user": click.user,
            "field": fields[0] if fields else "",
        }
        at = (track.conversation, track.place)
        await self._posts.save_post(Post(CHANNEL, _form_key(reference), *at, json.dumps(kept)))

    def _card(self, click: Click, form: Form) -> Card:
        at = click.at.address if click.at is not None else ""
        card = drawing.draw(Sheet(form.title, tuple(self._parts(form))), at)
        buttons = [
            DrawnButton(
                shown, Pressed(form.action, form.value, at, click.post, values={one.name: value})
            )
            for one in form.fields
            if isinstance(one, Choice)
            for value, shown in one.options.items()
        ]
        return Card(card.title, card.text, tuple(buttons))

    def _parts(self, form: Form) -> Iterator[Part]:
        yield Heading(form.title)
        if form.intro:
            yield Small(((form.intro,),))
        for field in form.fields:
            if isinstance(field, TextField):
                lines: Sequence[Line] = ((field.label,), (Faint(field.hint),), (field.value,))
                yield Paragraph(tuple(line for line in lines if any(map(_is_said, line))))
            elif isinstance(field, Choice):
                yield Paragraph(((field.label,),))
        if any(isinstance(field, TextField) for field in form.fields):
            locale = locale_of(form.title, self._default_locale)
            yield Small(((self._prompts.text(ACT, locale, "quote_and_write"),),))


class FormReplies:
    """What is written in answer to the card of a form, as that form filled in."""

    def __init__(self, posts: PostStore, handlers: Handlers) -> None:
        self._posts = posts
        self._handlers = handlers

    async def take(self, said: Said) -> bool:
        """False for what answers no form of theirs."""
        if said.answers is None:
            return False
        post = await self._posts.post(CHANNEL, _form_key(said.answers))
        if post is None:
            return False
        kept = json.loads(post.reference)
        if kept["user"] != said.user or not kept["field"] or not said.text:
            return False
        filled = {kept["field"]: said.text}
        pressed = Pressed(kept["action"], kept["value"], post.place, kept["post"], values=filled)
        await self._handlers.handle(_event_of(said, pressed))
        return True


class Asking:
    """Whether somebody is sure, where a button says that it asks first."""

    def __init__(self, reader: Reader, cards: SingleCards, wall: DingTalkWall) -> None:
        self._reader = reader
        self._cards = cards
        self._wall = wall

    async def ask(self, event: InboundEvent) -> None:
        click, pressed = self._reader.click(event), unpack(event.body["button"])
        if pressed.ask is None:
            return
        title, text, yes, no = pressed.ask
        card = drawing.draw(Sheet(title, (Heading(title), Paragraph(((text,),)))), pressed.at)
        sure = Pressed(pressed.action, pressed.value, pressed.at, click.post)
        buttons = (
            DrawnButton(yes, sure, is_primary=True),
            DrawnButton(no, Pressed(DISMISS, "", pressed.at)),
        )
        reference = f"firstline.ask.{_digest(event.key)}"
        await self._cards.show(reference, click, Card(card.title, card.text, buttons))

    async def dismiss(self, event: InboundEvent) -> None:
        click = self._reader.click(event)
        if click.at is not None:
            await self._wall.remove(click.at, click.handle)


def _event_of(said: Said, pressed: Pressed) -> InboundEvent:
    data = {"corpId": said.place.team, "userId": said.user, "outTrackId": said.answers}
    return click_of(said.key, pack(pressed), data)


def _form_key(reference: str) -> str:
    return f"form.{reference}"


def _digest(*texts: str) -> str:
    return sha256("/".join(texts).encode()).hexdigest()[:40]


def _is_said(span: object) -> bool:
    return bool(span.text if isinstance(span, Faint) else span)
