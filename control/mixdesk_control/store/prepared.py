"""Statements that run a thousand times a second: compiled once, then handed to the driver.

SQLAlchemy takes some 100 µs around a statement that SQLite runs in 10; on the one writer thread that is what a burst
of new jobs waits for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.base import Executable


class Prepared:
    """One INSERT, UPDATE or DELETE. `columns` names those of an INSERT that gives not all of them."""

    def __init__(self, statement: Executable, columns: Sequence[str] | None = None) -> None:
        self.statement = statement
        self._columns = None if columns is None else list(columns)
        self._compiled: dict[str, tuple[str, Sequence[str] | None]] = {}

    def run(self, conn: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Runs it for each of `rows`, which name its parameters; the number of rows it touched. Raises DBAPIError."""
        sql, order = self._compiled.get(conn.dialect.name) or self._compile(conn)
        values = rows if order is None else [tuple([row[name] for name in order]) for row in rows]
        cursor = conn.connection.cursor()
        try:
            if len(values) == 1:
                cursor.execute(sql, values[0])
            else:
                cursor.executemany(sql, values)
            return cursor.rowcount  # before it is closed: a closed cursor of psycopg has forgotten
        except conn.dialect.loaded_dbapi.Error as error:
            raise _told(conn, sql, error) from error
        finally:
            cursor.close()

    def _compile(self, conn: Connection) -> tuple[str, Sequence[str] | None]:
        compiled: Any = self.statement.compile(dialect=conn.dialect, column_keys=self._columns)  # type: ignore[attr-defined]
        made = self._compiled[conn.dialect.name] = (str(compiled), compiled.positiontup)
        return made


def _told(conn: Connection, sql: str, error: Exception) -> BaseException:
    """The driver's error as SQLAlchemy raises it: whether only this piece of work failed hangs on its kind."""
    return DBAPIError.instance(sql, None, error, conn.dialect.loaded_dbapi.Error, dialect=conn.dialect)
