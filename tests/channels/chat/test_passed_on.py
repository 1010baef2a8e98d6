"""Merged tickets of one chat without threads: what is said on them is read there once."""

from bot.channels.chat.place import Place
from bot.domain.conversation import Author, Conversation
from tests.adapters.test_ticket_store import opened
from tests.channels.chat.program import CHANNEL, TEAM, FakeProgram
from tests.channels.chat.talk import PRIVATE, talk


async def test_what_is_said_on_merged_tickets_of_one_chat_is_said_once() -> None:
    async with talk(FakeProgram(has_threads=False)) as held:
        talks = [Conversation(CHANNEL, address=PRIVATE.address) for _ in range(3)]
        elsewhere = Conversation(CHANNEL, address=Place(TEAM, "private-ben").address)
        tickets = []
        for conversation in (*talks, elsewhere):
            await held.store.add_conversation(conversation)
            tickets.append(await opened(held.store, conversation))
        goes_on, *others = tickets
        for other in others:
            await held.casework.merge(other.id, "agent-1", goes_on.id, to_both_addresses=True)
        await held.casework.reply(goes_on.id, "agent-1", "I had a look.", "key", resolve=True)
        for conversation in (*talks, elsewhere):
            for message in await held.store.messages(conversation.id):
                if message.author in (Author.AGENT, Author.SYSTEM):
                    await held.courier.deliver(conversation, message)
        in_chat = [post for post in held.wall.posts if post.place == PRIVATE]
        notices = [post.sheet.notice for post in in_chat]
        assert notices.count("I had a look.") == 1
        assert sum("goes on" in one for one in notices) == 2
        assert len(notices) == len(set(notices))
        assert held.answers.count("I had a look.") == 2
