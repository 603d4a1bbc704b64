"""Our own reading against what the compose program says: of a corpus of files, and of files by chance."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import compose_program as program
import pytest
from compose_writer import Writer
from torture import TORTURE, chance, times

from mixdesk_control import compose

needs_program = pytest.mark.skipif(
    program.program() is None, reason=f"needs Docker Compose {program.VERSION}: scripts/newer-packages"
)
ENV = {**program.ENV, "SET": "s", "EMPTY": ""}
ASKED = 20  # times at most: the program is not always of one mind where marks meet `extends`


def ours(files: list[Path], env: dict[str, str]) -> dict[str, Any]:
    return program.agreed(compose.read(files, env))


@pytest.mark.parametrize("case", program.cases(), ids=lambda case: case.stem)
def test_the_corpus_is_read_as_the_program_reads_it(case: Path) -> None:
    said = program.moved_back(program.answer_to(case).read_text())
    assert ours(program.files_of(case), program.ENV) == program.theirs(said)


def test_the_corpus_is_large_enough_to_mean_something() -> None:
    assert len(program.cases()) >= 40
    assert {program.answer_to(case) for case in program.cases()} == set(program.ANSWERS.iterdir())


@needs_program
@pytest.mark.process
def test_the_answers_are_still_those_of_the_program() -> None:
    compose_program = program.program()
    assert compose_program is not None
    for case in program.cases()[:: times(1, 4)]:
        done = program.config(compose_program, program.files_of(case))
        assert done.returncode == 0, done.stderr
        assert program.theirs(program.moved(done.stdout)) == program.theirs(program.answer_to(case).read_text())


@needs_program
@pytest.mark.process
def test_files_by_chance_are_read_as_the_program_reads_them(tmp_path: Path) -> None:
    writer, read = Writer(chance() if TORTURE else random.Random(12)), 0
    for _ in range(times(1_000, 12)):
        files = [tmp_path / f"{number}.yml" for number in range(2)]
        texts = writer.project()
        for file, text in zip(files, texts, strict=False):
            file.write_text(text)
        read += agree(files[: len(texts)])
    assert read > 0


def agree(files: list[Path]) -> bool:
    """Whether the program accepts the files; where it does, ours must be one of its answers."""
    compose_program, found = program.program(), ours(files, ENV)
    assert compose_program is not None
    said: dict[str, Any] = {}
    for _ in range(ASKED):
        done = program.config(compose_program, files, ENV)
        if done.returncode:
            return False
        said = program.theirs(done.stdout)
        if said == found:
            return True
    assert found == said, "\n---\n".join(file.read_text() for file in files)
    return True
