"""What was looked at in a set-up, as a command tells it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.commands.options import print_json
from bot.settings import settings_table

if TYPE_CHECKING:
    from bot.domain.desk_news import Finding


def tell_findings(findings: "Sequence[Finding]", *, as_json: bool) -> int:
    """How many are wrong."""
    if as_json:
        print_json([_shape(one) for one in findings])
    else:
        for one in findings:
            print(f"ok       {one.what}" if one.is_good else f"MISSING  {one.what}: {one.way_out}")
        _tell_variable([one.way_out for one in findings if not one.is_good])
    return sum(not one.is_good for one in findings)


def _tell_variable(ways_out: Sequence[str]) -> None:
    """By the example of a setting that they name, where settings come from."""
    words = {word.strip("();:,.") for way_out in ways_out for word in way_out.split()}
    for row in settings_table():
        if row["name"] in words:
            print(f"         ({row['name']} is {row['variable']} in the environment)")
            return


def _shape(finding: "Finding") -> dict[str, Any]:
    return {"what": finding.what, "ok": finding.is_good, "way_out": finding.way_out or None}
