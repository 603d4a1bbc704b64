"""Variables in texts, and files of them: what is odd, beside what the corpus holds."""

from __future__ import annotations

import pytest

from mixdesk_control.compose import dotenv, variables
from mixdesk_control.compose.errors import ComposeError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a$SET-b", "ax-b"),
        ("${SET}/${EMPTY}/", "x//"),
        ("${EMPTY:-d}${EMPTY-d}${NO-d}${NO:-}", "dd"),
        ("${SET:+yes}${EMPTY:+yes}${EMPTY+yes}${NO+yes}", "yesyes"),
        ("${NO:-${SET}-${NO:-z}}", "x-z"),
        ("${NO}$NO${NO:?must}${SET:?must}", "${NO}$NO${NO:?must}x"),
        ("$$SET $ ${ ${} ${1}", "$SET $ ${ ${} ${1}"),
        ("${NO:-{a}}", "{a}"),
        ("${NO:-", "${NO:-"),
    ],
)
def test_what_has_no_value_stays_as_it_is_written(text: str, value: str) -> None:
    assert variables.resolved(text, {"SET": "x", "EMPTY": ""}) == value


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("A=1", {"A": "1"}),
        ("\r\nA=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("A='x'B=2\nC=3", {"A": "x", "B": "2", "C": "3"}),
        ("A='x' # y\nB=\"x\" # y", {"A": "x", "B": "x"}),
        ("A= # y\nB= x  # y", {"A": "# y", "B": "x"}),
        ("A='it\\'s'\nB=\"a\\\\n\\101\\0101\"", {"A": "it's", "B": "a\\n\\101A"}),
        ("SET\nNOBODY\nexport SET\n", {"SET": "x"}),
        ("A=$SET\nSET=y\nB=$SET\nC=$A$B", {"A": "x", "SET": "y", "B": "x", "C": "xx"}),
        ("A.b-c[0]=1\n# only this", {"A.b-c[0]": "1"}),
    ],
)
def test_a_file_of_variables(text: str, values: dict[str, str]) -> None:
    assert dotenv.parse(text, {"SET": "x"}) == values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A=1\nB C=2", "line 2: 'B C=2' sets no variable"),
        ("A=1\n\n&=2\nC=3", "line 3: '&=2' sets no variable"),
        ("A='1\nB=2", "line 1: a quote that does not end"),
        ("\n".join(f"A{number}=1" for number in range(10_002)), "it has more than 10000 values"),
    ],
)
def test_a_file_that_is_none(text: str, message: str) -> None:
    with pytest.raises(ComposeError) as caught:
        dotenv.parse(text, {})
    assert str(caught.value) == message
