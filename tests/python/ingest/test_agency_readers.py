"""What the check has read is what the models read: two readers, one text."""

import csv
import io
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from core.settings import ROOT
from ingest.agency.files import Column, File, read

COLUMNS = ("client_id", "name", "note")
FILE = File("clients.csv", {column: Column() for column in COLUMNS})
HEADER = "client_id,name,note\n"
JINJA = Environment()  # noqa: S701 - it makes SQL, no page
SPACES = [character for character in map(chr, range(0x11000)) if character.isspace()]


def as_the_models(folder: Path) -> list[tuple[Any, ...]]:
    """The rows of the file, read by the macro from where the sources' yml says."""
    declared = yaml.safe_load((ROOT / "models/staging/agency/_agency__sources.yml").read_text())["sources"][0]
    location = JINJA.from_string(declared["config"]["meta"]["external_location"])
    source = location.render(env_var=lambda name, default: str(folder)).format_map({"name": "clients"})
    macro = (ROOT / "macros/agency_file.sql").read_text()
    module: Any = JINJA.from_string(macro, {"source": lambda *_: source}).module
    with duckdb.connect() as db:
        rows = f"select {', '.join(COLUMNS)} from ({module.agency_file('clients', COLUMNS)})"
        return db.execute(rows).fetchall()


def both(folder: Path, text: str) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], list[str]]:
    """What the check reads, what the models read, and the problems that the check has with it."""
    (folder / "clients.csv").write_bytes(text.encode())
    lines, problems = read(folder, FILE)
    checked = [tuple(line[column] for column in COLUMNS) for line in lines]
    return checked, [] if problems else as_the_models(folder), [str(problem) for problem in problems]


AWKWARD = {
    "a tab at the end": (HEADER + "dune,Dune,n\t\n", [("dune", "Dune", "n")]),
    "an empty column of spaces": (HEADER + "dune,\u00a0\t,\n", [("dune", None, None)]),
    "a line break in a cell": (HEADER + 'dune,"Hotel\nDune",n\n', [("dune", "Hotel\nDune", "n")]),
    "a line break of Windows in a cell": (
        (HEADER + 'dune,"Hotel\nDune",n\nfjord,Fjord,\n').replace("\n", "\r\n"),
        [("dune", "Hotel\r\nDune", "n"), ("fjord", "Fjord", None)],
    ),
    "lines of Windows and of Unix": (
        HEADER + "dune,,\r\nfjord,,\n",
        [("dune",) + (None,) * 2, ("fjord",) + (None,) * 2],
    ),
    "lines of an old Mac": ((HEADER + "dune,,\n").replace("\n", "\r"), [("dune", None, None)]),
    "separators of Unicode in a cell": (
        HEADER + "dune,Hotel\u2028Dune,a\x0bb\x85c\n",
        [("dune", "Hotel\u2028Dune", "a\x0bb\x85c")],
    ),
    "rows of commas": (HEADER + ",,\ndune,,\n , ,\n\n   \n,\n", [("dune", None, None)]),
    "a header with spaces": ("client_id, name ,\u00a0note\ndune,Dune,n\n", [("dune", "Dune", "n")]),
    "a space before a quote": (HEADER + 'dune, "Dune, Spa",n\n', [("dune", "Dune, Spa", "n")]),
    "what looks like a comment": (HEADER + "#dune,Dune,n\n", [("#dune", "Dune", "n")]),
    "quotes of others": (HEADER + "dune,'Dune,\\\"n\n", [("dune", "'Dune", '\\"n')]),
    "no row": (HEADER, []),
}


@pytest.mark.parametrize(("text", "rows"), AWKWARD.values(), ids=AWKWARD)
def test_both_read_what_is_awkward(tmp_path: Path, text: str, rows: list[tuple[Any, ...]]) -> None:
    assert both(tmp_path, text) == (rows, rows, [])


def test_both_call_the_same_characters_space(tmp_path: Path) -> None:
    assert len(SPACES) > 20
    text = HEADER + "".join(f'"{space}dune{space}",a{space}b,"{space}"\n' for space in SPACES)
    rows = [("dune", f"a{space}b", None) for space in SPACES if space not in "\r\n"]
    checked, modelled, problems = both(tmp_path, text.replace("a\nb", '"a\nb"').replace("a\rb", '"a\rb"'))
    assert problems == []
    assert checked == modelled
    assert [row for row in checked if row[1] not in ("a\nb", "a\rb")] == rows


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    for name in ("O'Brien's {agency}", "50% (new)"):
        folder = tmp_path / name
        folder.mkdir()
        assert both(folder, HEADER + "dune,,\n")[1] == [("dune", None, None)]


def test_a_row_is_told_by_the_line_it_begins_on(tmp_path: Path) -> None:
    (tmp_path / "clients.csv").write_text(HEADER + 'dune,"a\nb\nc",n\nfjord,two\n', encoding="utf-8")
    lines, problems = read(tmp_path, FILE)
    assert [line.number for line in lines] == [2]
    assert [str(problem) for problem in problems] == ["clients.csv, line 5: it has 2 values for 3 columns"]


def test_lines_that_end_in_two_ways_are_refused(tmp_path: Path) -> None:
    mixed = HEADER.replace("\n", "\r\n") + "dune,,\rfjord,,\r\n"
    assert both(tmp_path, mixed)[2] == [
        "clients.csv: its lines end in two ways: save it as CSV UTF-8 once more"
    ]


pieces = st.sampled_from(["dune", "x,y", '"', "'", "#", "\\", "\r\n", "\n", "\r", ",", "\ufeff", *SPACES])
texts = st.lists(
    pieces | st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=3), max_size=4
)
tables = st.lists(st.lists(texts.map("".join), min_size=3, max_size=3), max_size=5)


def quoted(table: list[list[str]], end: str) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerows(table)
    return out.getvalue()


@settings(max_examples=150)
@given(
    body=st.builds(quoted, tables, st.sampled_from(["\n", "\r\n", "\r"]))
    | st.lists(pieces, max_size=12).map("".join)
)
def test_what_the_check_lets_through_both_read_alike(
    tmp_path_factory: pytest.TempPathFactory, body: str
) -> None:
    checked, modelled, problems = both(tmp_path_factory.mktemp("wild"), HEADER + body)
    assert problems or checked == modelled
