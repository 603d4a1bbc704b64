"""Names, label values and numbers as both text formats write them."""

from __future__ import annotations

import codecs
import math
import re
from hashlib import blake2b
from typing import SupportsFloat, TypeVar

Moment = TypeVar("Moment", bound=SupportsFloat)

MOST_BYTES = 200
"""Of a label value."""

REPLACED = "mixdesk.replaced"
"""The handler of errors for `encode` that writes U+FFFD for what is no text: lone surrogates."""

_MARK_BYTES = 9  # "~" and eight hexadecimal digits

_NEGATIVE_INFINITY = float("-inf")
GO_EXPONENT = 1e6  # from where Go prints an exponent
_PYTHON_EXPONENT = 1e16
_EXPONENTS = tuple(f"e+{digits - 1:02d}" for digits in range(18))
_WORDS = {"inf": "+Inf", "-inf": "-Inf", "nan": "NaN"}

_NOT_IN_METRIC = re.compile(r"[^a-zA-Z0-9_:]|^[0-9]")
_NOT_IN_LABEL = re.compile(r"[^a-zA-Z0-9_]|^[0-9]")


def _replaced(error: UnicodeError) -> tuple[bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "\ufffd".encode() * (error.end - error.start), error.end  # as bytes: the codec takes no other text


codecs.register_error(REPLACED, _replaced)


def escaped(value: str) -> str:
    """A label value with backslash, newline and quote escaped; no other character needs it."""
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def label_value(key: str, value: object) -> str:
    """A label value as it stands between the quotes, see `shortened`. Raises TypeError for what is no text or bytes."""
    if isinstance(value, str) and value.isascii() and len(value) <= MOST_BYTES:
        return escaped(value)
    if isinstance(value, bytes):
        value = value.decode("utf-8", "surrogateescape")
    if not isinstance(value, str):
        msg = f"label {key!r} is {value!r}: label values are text"
        raise TypeError(msg)
    return escaped(shortened(value))


def shortened(value: str) -> str:
    """A label value of at most 200 bytes. What is no UTF-8 becomes U+FFFD, a byte each.

    What is longer is cut; the end is then `~` and eight digits that hang on the whole value, so that two long ones do
    not become one series.
    """
    raw = value.encode("utf-8", REPLACED)
    return raw.decode() if len(raw) <= MOST_BYTES else _cut(value, raw)


def _cut(value: str, raw: bytes) -> str:
    digits = blake2b(value.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{raw[: MOST_BYTES - _MARK_BYTES].decode('utf-8', 'ignore')}~{digits}"


def metric_name(name: str) -> str:
    """A metric name in the classic character set; other characters become `_`."""
    return _NOT_IN_METRIC.sub("_", name) or "_"


def label_name(name: str) -> str:
    """A label name in the classic character set; other characters become `_`."""
    return _NOT_IN_LABEL.sub("_", name) or "_"


def number(value: float) -> str:
    """A sample value as Go's client prints it: `+Inf`, `-Inf`, `NaN`, an exponent from a million on."""
    value = float(value)
    if _NEGATIVE_INFINITY < value < GO_EXPONENT:
        return repr(value)
    if GO_EXPONENT <= value < _PYTHON_EXPONENT:
        return _with_exponent(value)
    text = repr(value)
    return _WORDS.get(text, text)


def finite(moment: Moment) -> Moment:
    """A timestamp; neither format can write one that is not finite. Raises ValueError."""
    if not math.isfinite(float(moment)):
        raise ValueError(f"its timestamp is {moment}")
    return moment


def _with_exponent(value: float) -> str:
    if value.is_integer():
        whole = str(int(value))
        digits = whole[1:].rstrip("0")
    else:
        whole, _, fraction = repr(value).partition(".")
        digits = whole[1:] + fraction
    return f"{whole[0]}.{digits}{_EXPONENTS[len(whole)]}" if digits else whole[0] + _EXPONENTS[len(whole)]
