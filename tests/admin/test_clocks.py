"""Ages are right by the desk's clock, times by the zone of who looks: whatever the browser's clock says."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from admin_page import Visitor
from admin_places import PLACES, settled

Visit = Callable[..., Visitor]
WRONG = """
(() => {
  const Real = Date;
  const shift = SHIFT;
  globalThis.Date = class Date extends Real {
    constructor(...given) { given.length === 0 ? super(Real.now() + shift) : super(...given); }
    static now() { return Real.now() + shift; }
  };
})();
"""
TIMES = """() => [...document.querySelectorAll("time[datetime]")]
  .map((one) => [one.dateTime, one.textContent, one.title])"""
UNIT_S = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
AGE = re.compile(r"^(in )?(under )?([\d.]+) (s|min|h|d)( ago)?$")


def seconds(text: str) -> float | None:
    """How long ago a text says; None where it is no age."""
    if text == "just now":
        return 0.0
    found = AGE.match(text)
    if found is None or not (found[1] or found[5]):
        return None
    return float(found[3]) * UNIT_S[found[4]] * (-1 if found[1] else 1)


@pytest.mark.parametrize(("zone", "hours"), [("Asia/Kolkata", 1), ("America/St_Johns", -1), ("Pacific/Kiritimati", 30)])
def test_ages_and_times(full_desk: Any, visit: Visit, zone: str, hours: int) -> None:
    visitor = visit(full_desk, timezone_id=zone)
    visitor.context.add_init_script(WRONG.replace("SHIFT", str(hours * 3_600_000)))
    visitor.enter()
    ages = 0
    for place in PLACES:
        page = visitor.open(place.address(full_desk))
        settled(page, place)
        for at, text, title in page.evaluate(TIMES):
            moment = datetime.fromisoformat(at)
            wall = moment.astimezone(ZoneInfo(zone)).strftime("%H:%M:%S")
            shown = wall in title or wall in text or (not title and wall[:5] in text)
            assert shown, f"{place.name}: {at} is {wall} there, not {title!r}, {text!r}"
            age = seconds(text.strip())
            if age is None:
                continue
            ages += 1
            real = time.time() - moment.timestamp()
            assert abs(age - real) < 65 + 0.1 * abs(real), f"{place.name}: {at} is {real:.0f} s ago, not {text!r}"
    assert ages > 20
    assert visitor.complaints == []
