"""What the desks elsewhere keep, as far as an adapter asks, in their own shapes."""

from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from tests.desk_server import Request, Response

SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTAx"


@dataclass
class WebhookBook:
    """A receiver as the specification wants it: it believes signatures and knows what it took."""

    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: int = 0

    def answer(self, request: Request) -> Response:
        webhook = Webhook(SECRET)
        try:
            event = webhook.verify(request.body, dict(request.headers))
        except WebhookVerificationError:
            self.refused += 1
            return Response(401)
        if event["type"] == "firstline.check":
            return Response(204)
        self.events.setdefault(request.headers["webhook-id"], event)
        return Response(200, {"reference": f"W-{event['data']['number']}"})

    @property
    def tickets(self) -> list[str]:
        found = [event["data"] for event in self.events.values()]
        return [one["ticket"] for one in found if "packet" in one]

    @property
    def seen(self) -> list[tuple[str, str]]:
        found = [event["data"] for event in self.events.values()]
        return [(one["ticket"], one["key"]) for one in found]
