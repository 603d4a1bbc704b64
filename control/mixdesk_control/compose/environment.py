"""The variables of a project: those that are given, then those of its `.env` files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from mixdesk_control.compose import dotenv, variables
from mixdesk_control.compose.errors import ComposeError, TooMuchError
from mixdesk_control.compose.files import Stamp, stamp, text

MOST_CHARACTERS = 4 << 20  # that variables may bring in all
MOST_NAMED = 8


class Spent:
    """What one reading has cost so far, and what it met, over all of its files.

    asked   names of the variables that were looked up
    unset   those without a value
    notes   what people should know
    files   all that were looked at, also those that are not there, as they were then
    """

    def __init__(self) -> None:
        self.asked: dict[str, None] = {}
        self.unset: dict[str, None] = {}
        self.notes: dict[str, None] = {}
        self.files: dict[Path, Stamp] = {}
        self._left = MOST_CHARACTERS

    def look(self, file: Path) -> None:
        """Notes how the file is, before it is read."""
        self.files.setdefault(file, stamp(file))

    def characters(self, number: int) -> None:
        """Counts them. Raises TooMuchError."""
        self._left -= number
        if self._left < 0:
            raise TooMuchError(f"its variables bring more than {MOST_CHARACTERS >> 20} MiB")

    def said(self) -> tuple[str, ...]:
        """All notes, that of variables without a value last."""
        names = list(self.unset)
        if not names:
            return tuple(self.notes)
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        return (*self.notes, f"variables without a value are read as empty: {', '.join(names[:MOST_NAMED])}{more}")


class Environment(Mapping[str, str]):
    """Variables that texts are resolved with."""

    def __init__(self, values: Mapping[str, str], spent: Spent) -> None:
        self._values = values
        self._spent = spent

    def __getitem__(self, name: str) -> str:
        self._spent.asked[name] = None
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def resolve(self, text: str) -> str:
        """The text with its variables replaced; those without a value are empty, and noted."""
        return self._counted(text, variables.resolved(text, self, self._empty))

    def kept(self, text: str) -> str:
        """The same, but those without a value stay as they are written."""
        return self._counted(text, variables.resolved(text, self))

    def _counted(self, text: str, found: str) -> str:
        self._spent.characters(0 if found is text else len(found))
        return found

    def _empty(self, name: str, _written: str) -> str:
        self._spent.unset[name] = None
        return ""

    def over(self, *files: Path) -> Environment:
        """With the values of these files below its own; one that cannot be read brings none, and is noted."""
        values: dict[str, str] = {}
        for file in files:
            values |= self._of_file(file, values)
        return Environment({**values, **self._values}, self._spent) if values else self

    def beside(self, folder: Path) -> Environment:
        """With the values of `.env` in the folder, where there is one."""
        file = folder / ".env"
        self._spent.look(file)
        return self if stamp(file) is None or file.is_dir() else self.over(file)

    def with_value(self, name: str, value: str) -> Environment:
        """With this one in place of any other."""
        return Environment({**self._values, name: value}, self._spent)

    def _of_file(self, file: Path, before: Mapping[str, str]) -> dict[str, str]:
        self._spent.look(file)
        try:
            return dotenv.parse(text(file), Environment({**before, **self._values}, self._spent))
        except ComposeError as error:
            said = str(error).removeprefix(f"{file}: ")
            self._spent.notes[f"{file} is not used: {said}"] = None
            return {}
