"""Numbers that stand bare in YAML, as compose prints them where it wants a text: `1.10` is `1.1`. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

LONGEST = 64  # characters; what is longer is no number that anybody wrote

_WHOLE = re.compile(r"[-+]?(?:0b[01]+|0o?[0-7]+|0x[0-9a-fA-F]+|0|[1-9][0-9]*)")
_BROKEN = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BASES = {"0b": 2, "0o": 8, "0x": 16}
_WORDS = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false"}


def shown(text: str) -> str:
    """The text, or the number that it is in its shortest form."""
    if text[:1] not in "+-.0123456789" or len(text) > LONGEST:
        return _WORDS.get(text, text)
    plain = text.replace("_", "")
    if _WHOLE.fullmatch(plain):
        return _whole(plain)
    return _broken(float(plain), text) if _BROKEN.fullmatch(plain) else text


def _whole(plain: str) -> str:
    digits = plain.lstrip("+-")
    base = _BASES.get(digits[:2]) or (8 if digits.startswith("0") else 10)
    number = int(digits.removeprefix("0b").removeprefix("0o").removeprefix("0x"), base)
    number = -number if plain.startswith("-") else number
    return str(number) if -(1 << 63) <= number < 1 << 64 else _broken(float(number), plain)


def _broken(number: float, text: str) -> str:
    """With an exponent below 0.0001 and from a million on, as Go prints a float."""
    if number in (float("inf"), float("-inf")):
        return text
    exact = Decimal(repr(number)).normalize()
    sign, digits, _ = exact.as_tuple()
    power = exact.adjusted()
    if -4 <= power < 6 or number == 0:
        return format(exact, "f")
    more = "".join(map(str, digits[1:]))
    return f"{'-' * sign}{digits[0]}{'.' + more if more else ''}e{power:+03d}"
