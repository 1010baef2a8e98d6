"""What cannot wait, from sentence vectors, pieces of the wording and what patterns found.

Two readings by logistic regression: whether something has happened at all, and of what kind it is.
The vectors are those that tone is read from, so a message has them once. The weights come from
`python -m evals.fit_urgency`, which states the data it used.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from bot.adapters.vector_tone import Linear, ToneVectors
from bot.domain.understanding import Urgency

WEIGHTS = Path(__file__).with_name("urgency_weights.json")
TOLD = "told"
FORMAT = 1


@cache
def load(path: Path = WEIGHTS) -> Mapping[str, Linear]:
    document = json.loads(path.read_text("utf-8"))
    return {name: Linear.from_json(document[name]) for name in (TOLD, *Urgency)}


class VectorUrgency:
    def __init__(self, weights: Mapping[str, Linear], vectors: ToneVectors) -> None:
        self._weights = weights
        self._vectors = vectors

    def kind(self, spoken: str, found: Mapping[str, float]) -> Urgency | None:
        """Raises ModelUnavailable."""
        vector = self._vectors.of(spoken)
        if self._weights[TOLD](found, vector, spoken) < 0:
            return None
        likely = {kind: self._weights[kind](found, vector, spoken) for kind in Urgency}
        if max(likely.values()) < 0:  # the model takes it for none of them, so what was said counts
            likely = {kind: how for kind, how in likely.items() if found.get(kind.value)} or likely
        return max(likely, key=likely.__getitem__)
