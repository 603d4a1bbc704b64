"""Files of the corpus, broken by chance: they are read, or refused in one line."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import compose_program as program
from torture import TORTURE, chance, times

from mixdesk_control import compose
from mixdesk_control.compose import ComposeError

PIECES = (
    *(
        "[",
        "]",
        "{",
        "}",
        ":",
        "- ",
        "\n",
        "  ",
        "~",
        "'",
        '"',
        "#",
        "&a ",
        "*a",
        "<<: ",
        "!reset ",
        "!override ",
        "? ",
    ),
    *(
        "${",
        "$",
        "}",
        ":-",
        "|\n",
        ">",
        "---\n",
        "...\n",
        "%TAG ! x\n",
        "@",
        "`",
        "\t",
        "\x00",
        "\x7f",
        "é",
        "\ud7ff",
        "💥",
    ),
    *("include: [compose.yml]\n", "services: ", "volumes: ", "extends: ", "0x", "1e999", "null", ".inf", "2001-01-01"),
)


def broken(text: str, luck: random.Random) -> str:
    """With some pieces put in, taken out and doubled."""
    for _ in range(luck.randint(1, 4)):
        at, length = luck.randrange(len(text) + 1), luck.choice([0, 0, 1, 5, 40])
        piece = luck.choice([luck.choice(PIECES), text[at : at + luck.randint(0, 60)]])
        text = text[:at] + piece + text[at + length :]
    return text


def test_whatever_is_written_it_is_read_or_refused_in_a_line(tmp_path: Path) -> None:
    luck = chance() if TORTURE else random.Random(12)
    folder = tmp_path / "corpus"
    shutil.copytree(program.CORPUS, folder)
    texts = [file.read_text() for file in [*program.cases(), *sorted(program.CORPUS.glob("*/*.yml"))]]
    dotenv, file = (program.CORPUS / ".env").read_text(), folder / "broken.yml"
    refused = 0
    for _ in range(times(20_000, 150)):
        file.write_text(broken(luck.choice(texts), luck), encoding="utf-8")
        (folder / ".env").write_text(broken(dotenv, luck), encoding="utf-8")
        try:
            project = compose.read([file], program.ENV)
            assert all(project.container_names(name) is not None for name in project.services)
        except ComposeError as error:
            refused += 1
            assert str(error).startswith(str(folder)) and "\n" not in str(error)
    assert refused > 0
