"""The format of an account's files as it was declared, and cells read by it: strictly, never guessed."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from ingest.agency import file_formats
from ingest.agency.files import Line

Cell = Any  # text, or a value that a workbook or a Parquet file has typed

# Excel counts from here: it takes 1900 for a leap year.
_EXCEL_EPOCH = date(1899, 12, 30)
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009]+")
# No account's day has more of anything; models keep six decimals.
_LARGEST, _PLACES = Decimal(10) ** 10, 6


class BadCellError(ValueError):
    """A cell that is not what its column holds."""


@dataclass(frozen=True)
class Format:
    """How the files of an account are written; what was not declared is None.

    ``columns`` are the file's names by ours, ``header_row`` is the number of the row that has them (0: none,
    and ``columns`` says their order). A row that has ``total_row`` in place of its date is the total.
    """

    separator: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    date_format: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    header_row: int = 1
    columns: dict[str, str] = field(default_factory=dict)
    total_row: str | None = None
    in_total: bool = False
    expected_weekday: int | None = None
    expected_hour: int | None = None

    @classmethod
    def of(cls, line: Line | None) -> "Format":
        """Return what a line of files.csv declares."""
        if line is None:
            return cls()
        columns = file_formats.named(line["columns"])
        return cls(
            total_row=columns.pop("total_row", None),
            columns=columns,
            separator=file_formats.SEPARATORS.get(line["separator"]),
            decimal=file_formats.DECIMALS.get(line["decimal"]),
            thousands=file_formats.THOUSANDS.get(line["thousands"]),
            date_format=line["date_format"],
            encoding=line["encoding"],
            sheet=line["sheet"],
            header_row=1 if line["header_row"] is None else line["header_row"],
            in_total=line["in_total"],
            expected_weekday=line["expected_weekday"],
            expected_hour=line["expected_hour"],
        )

    def day(self, cell: Cell) -> date:
        """Return the date in ``cell``; raises ``BadCellError``."""
        if isinstance(cell, datetime):
            if cell.time() != datetime.min.time():
                raise BadCellError(f"{cell} is a time, not a date")
            return cell.date()
        if isinstance(cell, date):
            return cell
        if self.date_format == file_formats.EXCEL:
            return self._excel_day(cell)
        if not isinstance(cell, str):
            raise BadCellError(
                f"{cell!r} is no date (declare date_format=excel if it is a number of Excel's)"
            )
        text = cell.strip()
        if self.date_format is None:
            if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                raise BadCellError(
                    f"{text!r} is no date such as 2026-11-24: declare date_format in files.csv"
                )
            return _real(text, "%Y-%m-%d")
        found = _real(text, self.date_format)
        # strptime takes 4.3.2026 and other spellings for 04.03.2026, and so may what was cut.
        if found.strftime(self.date_format) != text and not re.fullmatch(r"\D*(\d{1,4}\D*){3}", text):
            raise BadCellError(f"{text!r} is not written as {self.date_format}")
        return found

    def _excel_day(self, cell: Cell) -> date:
        try:
            number = Decimal(str(cell).strip())
            if number != number.to_integral_value() or not 1 <= number < 100_000:
                raise ValueError
        except (InvalidOperation, ValueError):
            raise BadCellError(f"{cell!r} is no number of a day as Excel counts them") from None
        return _EXCEL_EPOCH + timedelta(days=int(number))

    def number(self, cell: Cell, *, whole: bool) -> Decimal:
        """Return the number in ``cell``, a ``whole`` one for counts; raises ``BadCellError``."""
        value = self._typed(cell) if not isinstance(cell, str) else self._written(cell)
        if abs(value) >= _LARGEST:
            raise BadCellError(f"{cell!r} is more than any account has in a day")
        if whole and value != value.to_integral_value():
            raise BadCellError(f"{cell!r} is no whole number")
        return value

    def _typed(self, cell: Cell) -> Decimal:
        if cell is None:
            raise BadCellError("the cell is empty: write 0 where there was none")
        if isinstance(cell, bool) or not isinstance(cell, int | float | Decimal):
            raise BadCellError(f"{cell!r} is no number")
        value = Decimal(repr(cell)) if isinstance(cell, float) else Decimal(cell)
        if not value.is_finite():
            raise BadCellError(f"{cell!r} is no number")
        rounded = round(value, _PLACES)
        # A sum that a workbook has made ends in noise: 0.1 + 0.2 is 0.30000000000000004.
        if abs(rounded - value) > Decimal("1e-9"):
            raise BadCellError(f"{cell!r} has more than {_PLACES} decimals")
        return rounded

    def _written(self, cell: str) -> Decimal:
        text = cell.strip()
        if not text:
            raise BadCellError("the cell is empty: write 0 where there was none")
        if self.thousands == " ":
            text = _SPACES.sub(" ", text)
        point = re.escape(self.decimal or ".")
        digits = r"\d+"
        if self.thousands:
            digits = rf"(\d+|\d{{1,3}}({re.escape(self.thousands)}\d{{3}})+)"
        if not re.fullmatch(rf"[+-]?{digits}({point}\d{{1,{_PLACES}}}0*)?", text, re.ASCII):
            declared = "" if self.decimal else ": declare decimal and thousands in files.csv"
            raise BadCellError(f"{cell.strip()!r} is no number as it was declared{declared}")
        if self.decimal is None and re.fullmatch(r"[+-]?[1-9]\d{0,2}\.\d{3}", text):
            raise BadCellError(
                f"{text!r} can be a thousand and more, or one and a part: declare decimal in files.csv"
            )
        plain = text.replace(self.thousands, "") if self.thousands else text
        return round(Decimal(plain.replace(self.decimal or ".", ".")), _PLACES)


def _real(text: str, pattern: str) -> date:
    try:
        return datetime.strptime(text, pattern).date()
    except ValueError:
        raise BadCellError(f"{text!r} is no date of the format {pattern}") from None
