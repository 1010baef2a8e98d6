"""Tickets that a person resolved before and that were about the same."""

from collections.abc import Sequence

from bot.domain.packet import SimilarTicket
from bot.domain.ticket_queue import ResolvedTicket
from bot.ports import Similarity

LEAST = 0.6  # cosine of the summaries from which two tickets are about the same
MOST = 3
MOST_CANDIDATES = 100  # a summary never seen before takes a millisecond


def find_similar(
    summary: str,
    candidates: Sequence[ResolvedTicket],
    conversation: str,
    similarity: Similarity,
) -> tuple[SimilarTicket, ...]:
    """The most similar first; the conversation's own are left out, and those that no agent
    answered. Computes, so call it in a thread; raises ModelUnavailable."""
    others = [
        ticket
        for ticket in candidates
        if ticket.conversation != conversation and ticket.summary and ticket.resolution
    ][:MOST_CANDIDATES]
    if not summary or not others:
        return ()
    (row,) = similarity.compare([summary], [ticket.summary for ticket in others])
    near = sorted(zip(row, others, strict=True), key=lambda pair: -pair[0])
    return tuple(
        SimilarTicket(ticket.id, ticket.label, ticket.summary, ticket.resolution, likeness)
        for likeness, ticket in near[:MOST]
        if likeness >= LEAST
    )
