"""The only place where concrete classes are chosen."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.adapters.argon2_passwords import Argon2Passwords
from bot.adapters.fernet_seals import FernetSeals, KeyFile, ListedKeys, new_key
from bot.adapters.inbox_desk import InboxDesk
from bot.adapters.memory_agents import MemoryAgents
from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.adapters.public_holidays import PublicHolidays
from bot.adapters.space_similarity import SpaceSimilarity
from bot.adapters.totp_codes import TotpCodes
from bot.adapters.vector_request import VectorRequest
from bot.adapters.vector_request import load as load_requests
from bot.domain.business_time import Calendar, ListedDays
from bot.domain.conversation import now
from bot.domain.opening_hours import parse_exceptions, parse_week
from bot.domain.policy import Thresholds
from bot.domain.ticket import Ticket
from bot.ports import ChatModel, IdentityVerifier, Prompts, Retriever, Storage
from bot.services.acting import Actor
from bot.services.casework import Casework
from bot.services.clarifying import Clarifier
from bot.services.code_secrets import Resealed
from bot.services.confidence import Confidence
from bot.services.consoling import Consoler
from bot.services.deadline_words import DeadlineWords
from bot.services.desk_events import DeskEvents
from bot.services.desk_polls import DeskPolls
from bot.services.dialogue import DialogueManager
from bot.services.escalation import Packets
from bot.services.feedback import FeedbackCollector
from bot.services.handoff import Handoffs
from bot.services.hearing import Listener
from bot.services.intents import IntentClassifier
from bot.services.live_conversations import LiveConversations
from bot.services.masking import Masker
from bot.services.outbox import Outbox
from bot.services.packet import Library, PacketBuilder
from bot.services.person_requests import PersonRequests
from bot.services.presence import Presence
from bot.services.profile import Profiles
from bot.services.rewriting import Rewriter
from bot.services.searching import Searcher
from bot.services.sessions import Sessions
from bot.services.sla import ServiceLevels
from bot.services.sla_watch import SlaWatch
from bot.services.staff import Staff
from bot.services.summarising import Summariser
from bot.services.surveys import Surveys
from bot.services.ticket_news import TicketNews
from bot.services.turns import TurnRunner
from bot.services.understanding import QuestionReader
from bot.services.weighing import Weigher
from bot.services.writing import Writer
from bot.settings import Settings
from bot.wiring.chat import ChatServices
from bot.wiring.chat_desk import build_triage_desks
from bot.wiring.chat_parts import ChatParts
from bot.wiring.chats import ChatGrounds, build_chat_grounds, build_chats
from bot.wiring.desks import build_outer_desks, build_polls
from bot.wiring.mail import MailParts, build_mail, build_mail_desks
from bot.wiring.models import (
    build_listener,
    build_retriever,
    build_spaces,
    bundled_similarity,
    load_chat,
)

if TYPE_CHECKING:
    from bot.adapters.sql_store import SqlStore

REPLACEABLE = frozenset(
    {
        "store",
        "retriever",
        "prompts",
        "chat",
        "verifier",
        "clock",
        "staff",
        "staffed",
        "similarity",
        "slack_url",
        "dingtalk_url",
    }
)


@dataclass(frozen=True, slots=True)
class HandOver:
    """Everything about conversations that go to a person."""

    handoffs: Handoffs
    casework: Casework
    outbox: Outbox
    desk_events: DeskEvents
    desk_polls: DeskPolls
    sla_watch: SlaWatch
    levels: ServiceLevels
    presence: Presence
    surveys: Surveys
    profiles: Profiles
    live: LiveConversations
    news: TicketNews
    agent_name: Callable[[str], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class Bot:
    settings: Settings
    store: Storage
    retriever: Retriever
    prompts: Prompts
    reader: QuestionReader
    listener: Listener
    searcher: Searcher
    dialogue: DialogueManager
    turns: TurnRunner
    sessions: Sessions
    person_requests: PersonRequests
    feedback: FeedbackCollector
    hand_over: HandOver
    staff: Staff
    mail: MailParts | None
    chats: Mapping[str, ChatParts]


def build(settings: Settings, **overrides: Any) -> Bot:
    """A bot ready to converse; any part can be replaced by name, as the tests do with fakes.

    Without a store it forgets everything; `open_store` opens the configured one.
    """
    if unknown := overrides.keys() - REPLACEABLE:
        raise TypeError(f"build() cannot replace {', '.join(sorted(unknown))}")
    store: Storage = overrides.get("store") or MemoryStore()
    spaces = () if "retriever" in overrides else build_spaces(settings)
    retriever: Retriever = overrides.get("retriever") or build_retriever(settings, spaces)
    prompts: Prompts = overrides.get("prompts") or PromptFiles(settings.prompts)
    chat: ChatModel | None = overrides.get("chat") or load_chat(settings)
    verifier: IdentityVerifier | None = overrides.get("verifier") or build_verifier(settings)
    similarity: SpaceSimilarity = overrides.get("similarity") or bundled_similarity(spaces)
    classifier = IntentClassifier.load(VectorRequest(load_requests(), similarity))
    reader = QuestionReader(Rewriter(chat, prompts) if chat else None, classifier)
    weigher = Weigher(overrides.get("clock") or now)
    listener = build_listener(spaces, similarity, classifier)
    staff: Staff = overrides.get("staff") or _build_forgetful_staff()
    library = Library(retriever, reader, weigher)
    packets = _build_packets(settings, prompts, similarity, library, chat)
    clock = overrides.get("clock") or now
    chats = build_chat_grounds(settings, store, prompts, lambda: _seals(settings), overrides)
    hand_over = build_hand_over(settings, store, prompts, packets, staff, overrides, chats)
    dialogue = DialogueManager(
        store=store,
        reader=reader,
        retriever=retriever,
        weigher=weigher,
        actor=_build_actor(settings, prompts, chat, similarity),
        listener=listener,
        consoler=Consoler(prompts, settings.support.contact),
        handoffs=hand_over.handoffs,
        thresholds=_thresholds(settings),
        default_locale=settings.locale,
    )
    turns, feedback = TurnRunner(store, dialogue), FeedbackCollector(store)
    confidence = Confidence(
        reader, listener, retriever, weigher, _thresholds(settings), settings.locale
    )
    services = ChatServices(turns, retriever, confidence, feedback, hand_over, staff.agents)
    return Bot(
        settings=settings,
        store=store,
        retriever=retriever,
        prompts=prompts,
        reader=reader,
        listener=listener,
        searcher=Searcher(reader, retriever, settings.locale),
        dialogue=dialogue,
        turns=turns,
        sessions=Sessions(store, verifier),
        person_requests=PersonRequests(store, turns, prompts, settings.locale),
        feedback=feedback,
        hand_over=hand_over,
        staff=staff,
        mail=build_mail(settings, store, turns, prompts, hand_over, clock),
        chats=build_chats(chats, services),
    )


def build_hand_over(
    settings: Settings,
    store: Storage,
    prompts: Prompts,
    packets: Packets,
    staff: Staff,
    overrides: Mapping[str, Any],
    chats: ChatGrounds | None = None,
) -> HandOver:
    clock = overrides.get("clock") or now
    levels = build_service_levels(settings, prompts)
    outer = build_outer_desks(settings, prompts, clock)
    mailed = build_mail_desks(settings, store, prompts)
    triage = build_triage_desks(chats.all if chats else (), levels, staff.name_of)
    outbox = Outbox(
        store,
        [InboxDesk(store), *outer, *mailed, *triage],
        clock,
        masker=partial(Masker.speaking, prompts) if settings.support.mask == "all" else None,
    )

    news = TicketNews(store)

    def changed(ticket: Ticket) -> None:
        outbox.nudge()
        news.tell(ticket)

    handoffs = Handoffs(
        store,
        prompts,
        packets,
        levels,
        overrides.get("staffed") or _staffed(staff, bool(outer or mailed or triage)),
        settings.support.contact,
        desks=outbox.desks,
        changed=changed,
        clock=clock,
    )
    casework = Casework(store, prompts, changed, clock, staff.is_there)
    desk_events = DeskEvents(outer, store, casework, prompts, clock)
    return HandOver(
        handoffs=handoffs,
        casework=casework,
        outbox=outbox,
        desk_events=desk_events,
        desk_polls=build_polls(settings, outer, store, desk_events, clock),
        sla_watch=SlaWatch(store, levels, changed, clock),
        levels=levels,
        presence=Presence(),
        surveys=Surveys(store, clock),
        profiles=Profiles(store),
        live=LiveConversations(store, handoffs, settings.locale, clock),
        news=news,
        agent_name=staff.name_of,
    )


def _staffed(staff: Staff, has_desk: bool) -> Callable[[], Awaitable[bool]]:
    """Where a desk elsewhere has the tickets, the people are there."""

    async def is_staffed() -> bool:
        return has_desk or await staff.is_staffed()

    return is_staffed


def build_service_levels(settings: Settings, prompts: Prompts) -> ServiceLevels:
    """Raises ConfigurationError for a country whose holidays are not known."""
    sla = settings.sla
    zone = ZoneInfo(sla.timezone)
    holidays = PublicHolidays(sla.country) if sla.country else None
    days = ListedDays(parse_exceptions(sla.exceptions), holidays)
    calendar = Calendar(zone, parse_week(sla.hours), days)
    return ServiceLevels(sla.policies, calendar, DeadlineWords(prompts, zone))


def build_staff(store: "SqlStore", settings: Settings) -> Staff:
    """The agents of an opened store. Raises ConfigurationError for a key that is none."""
    codes = TotpCodes(_seals(settings))
    return Staff.of(store.agents, store.audit, Argon2Passwords(), codes)


def _seals(settings: Settings) -> FernetSeals:
    return FernetSeals(build_keys(settings))


def build_keys(settings: Settings) -> ListedKeys | KeyFile:
    listed = settings.store.keys.get_secret_value()
    return ListedKeys(listed, "store.keys") if listed.strip() else KeyFile(settings.key_file)


def _build_forgetful_staff() -> Staff:
    agents = MemoryAgents()
    codes = TotpCodes(FernetSeals(ListedKeys(new_key(), "memory")))
    return Staff.of(agents, agents.audit, Argon2Passwords(), codes)


def build_verifier(settings: Settings) -> IdentityVerifier | None:
    """None without a secret; raises ConfigurationError for a weak one or an unusable key."""
    identity = settings.identity
    secrets = {
        "identity.secret": (identity.secret, identity.secret_id),
        "identity.previous_secret": (identity.previous_secret, identity.previous_secret_id),
    }
    given = {name: pair for name, pair in secrets.items() if pair[0].get_secret_value()}
    if not given:
        return None
    from bot.adapters.jwt_identity import JwtVerifier, load_key

    keys = [
        load_key(secret.get_secret_value(), key_id, name)
        for name, (secret, key_id) in given.items()
    ]
    return JwtVerifier(keys, identity.audience)


def _build_actor(
    settings: Settings, prompts: Prompts, chat: ChatModel | None, similarity: SpaceSimilarity
) -> Actor:
    return Actor(
        prompts,
        settings.support.contact,
        _build_writer(chat, prompts, settings, similarity) if chat else None,
        Clarifier(chat, prompts) if chat else None,
    )


def _thresholds(settings: Settings) -> Thresholds:
    return Thresholds(settings.answering.threshold, settings.answering.related_threshold)


def _build_writer(
    chat: ChatModel, prompts: Prompts, settings: Settings, similarity: SpaceSimilarity
) -> Writer:
    """The thresholds of what counts as a translation are the bundled space's."""
    return Writer(chat, prompts, settings.chat.total_s + 1, similarity)


def _build_packets(
    settings: Settings,
    prompts: Prompts,
    similarity: SpaceSimilarity,
    library: Library,
    chat: ChatModel | None,
) -> PacketBuilder:
    return PacketBuilder(
        prompts,
        similarity,
        library,
        Summariser(chat, prompts) if chat else None,
        masked=settings.support.mask != "none",
        thresholds=_thresholds(settings),
    )


async def open_store(settings: Settings) -> "SqlStore":
    """The configured database at the current schema; raises ConfigurationError or StoreError."""
    from bot.adapters.sql_store import SqlStore, upgrade  # SQLAlchemy takes 0.8 s; `ask` saves it

    settings.home.mkdir(parents=True, exist_ok=True)
    await upgrade(settings.store_url)
    return await SqlStore.open(settings.store_url)


async def seal_secrets(settings: Settings) -> Resealed:
    """What an authenticator app knows and the store still shows is encrypted, by the newest key."""
    store = await open_store(settings)
    try:
        return await build_staff(store, settings).code_secrets.reseal()
    finally:
        await store.close()
