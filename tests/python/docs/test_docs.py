"""The pages promise what the code does: names exist, and numbers are those of the settings."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest
import yaml

from core.measures import kinds
from core.platforms import kept_months, platforms
from core.rules import rules as table_of_rules
from core.settings import ROOT
from ingest.client.source_spec import LIVE_MAX_REQUESTS, LIVE_MIN_INTERVAL_SECONDS
from ingest.registry import api_of
from publish.shown.statements import HISTORIES

RUNBOOKS = ROOT / "docs" / "runbooks"
RULES, CHECKS = ROOT / "models" / "rules", ROOT / "models" / "health" / "checks"
PAGES = sorted(
    [*(ROOT / room / "README.md" for room in (".", "sandbox", "benchmarks")), *(ROOT / "docs").rglob("*.md")]
)
# Folders outside of the tree.
ABROAD = (".venv/", ".dlt/secrets.toml", "~", "/")
# Folders that runs make.
MADE = ("warehouse", "site")
# What a page may name of other programs and of the system.
OTHERS = frozenset(
    {"tap", "meltano", "airbyte", "facebook", "marketing", "cp", "ls", "lsof", "fuser", "systemctl", "etc"}
    | {"systemd", "sitecustomize", "anna", "T08", "drift²", "w340s2w23", "act_ID"}
)
# Where else the numbers of a meaning are set.
ELSEWHERE = {
    "release": [ROOT / "publish" / "gate.py"],
    "required_fields": [ROOT / "macros" / "strict_cast.sql"],
}
# In numbers of a rule a word hides from the comparison with its defaults.
NUMBER_WORDS = re.compile(
    r"\b(?:tenth|hundredth|thousandth|fifth|quarters?|half|halves|twice|thrice|double|dozen|twenty|thirty|fifty"
    r"|hundred|(?:two|three|four|five|six|seven|eight|nine|ten) (?:times|weeks|hours|percent))\b"
)


@cache
def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def defaults() -> dict[str, tuple[str, str, dict[str, float]]]:
    """Severity, blocks and parameters of every rule and check."""
    return {
        rule.name: (rule.severity, rule.blocks, dict(rule.parameters)) for rule in table_of_rules().values()
    }


@cache
def settings() -> dict[str, str]:
    """The settings of the sources with their defaults, as a page writes them; "" for what is no number."""
    specs = {platform: api_of(platform).settings() for platform in platforms().values()}
    live = {"max_requests_per_run": LIVE_MAX_REQUESTS, "min_interval_seconds": LIVE_MIN_INTERVAL_SECONDS}
    names = [name for spec in specs.values() for name in spec.get_resolvable_fields()]
    found = {}
    for name in dict.fromkeys(names):
        values = {
            row.title: live.get(name, getattr(row, name, getattr(spec, name, None)))
            for row, spec in specs.items()
        }
        numbers = {title: f"{v:g}" for title, v in values.items() if isinstance(v, int | float)}
        alike = len(set(numbers.values())) == 1
        each = " or ".join(f"{value} ({title})" for title, value in numbers.items())
        found[name] = next(iter(numbers.values())) if alike else each
    return found


def defaults_line(name: str) -> str:
    """The line that a page has above its first heading: what holds if no file or setting says otherwise."""
    parts = []
    if name in defaults():
        severity, blocks, parameters = defaults()[name]
        parts.append(f"severity `{severity}`")
        if any(RULES.rglob(f"rule_{name}.sql")):
            parts.append(f"blocks `{blocks}`")
        parts += [f"`{parameter}` {value:g}" for parameter, value in parameters.items()]
    page = text(RUNBOOKS / f"{name}.md")
    said = page[page.index("## What it means") :]
    used = {setting for setting, default in settings().items() if default} & set(
        map(str.lower, re.findall(r"`(?:SOURCES__[\w…]+?)?__([A-Z]+(?:_[A-Z]+)*)", said))
    )
    parts += [f"`__{setting.upper()}` {settings()[setting]}" for setting in sorted(used)]
    return f"Defaults: {', '.join(parts)}." if parts else ""


def meaning(name: str) -> str:
    return text(RUNBOOKS / f"{name}.md").partition("## What it means\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("name", sorted(path.stem for path in RUNBOOKS.glob("*.md") if path.stem != "README"))
def test_a_runbook_states_the_defaults(name: str) -> None:
    head = text(RUNBOOKS / f"{name}.md").partition("## What it means")[0]
    stated = [line for line in head.splitlines() if line.startswith("Defaults: ")]
    assert stated == [line for line in [defaults_line(name)] if line]


@pytest.mark.parametrize("name", sorted(defaults()))
def test_numbers_of_a_meaning_are_those_of_the_rule(name: str) -> None:
    _, _, parameters = defaults()[name]
    said = meaning(name)
    named = re.findall(r"`(\w+)`[^`.()]{0,20}\((\d[\d.,]*\d|\d)[^)]*\)", said)
    for parameter, value in named:
        if parameter in parameters:
            assert float(value.replace(",", "")) == parameters[parameter], parameter
    sources = [*RULES.rglob(f"rule_{name}.sql"), CHECKS / f"check_{name}.sql"]
    code = " ".join(source_of(path) for path in (*sources, *ELSEWHERE.get(name, ())) if path.is_file())
    known = set(parameters.values()) | {
        float(found) for found in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", code)
    }
    if code:
        numbers = {float(n.replace(",", "")) for n in re.findall(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?", said)}
        settled = {float(value) for value in settings().values() if re.fullmatch(r"[\d.]+", value)}
        percents = {100 * value for value in parameters.values()}
        powers = {round(10**value, -3) for of, value in parameters.items() if of == "surprise"}
        others = (
            {value for _, _, of in defaults().values() for value in of.values()} if "](" in said else set()
        )
        tolerances = {kind.tolerance for kind in kinds().values()}
        assert numbers <= known | settled | percents | powers | others | tolerances
    assert NUMBER_WORDS.findall(said) == []


def source_of(path: Path) -> str:
    """The SQL of a model and of the models that it reads."""
    sql = text(path)
    read = {model for model in re.findall(r"ref\('(\w+)'\)", sql) if model != "int_rules"}
    return sql + " ".join(text(found) for model in read for found in (ROOT / "models").rglob(f"{model}.sql"))


@pytest.mark.parametrize("name", sorted(defaults()))
def test_a_page_says_what_its_rule_blocks(name: str) -> None:
    _, blocks, _ = defaults()[name]
    head = text(RUNBOOKS / f"{name}.md").partition("## What it means")[0]
    wrong = ["the day is shown", "nothing is left out"] if blocks == "day" else ["the day is left out"]
    assert [words for words in wrong if words in head] == []
    check = CHECKS / f"check_{name}.sql"
    if check.is_file():
        assert not ("It warns." in head and "'fail'" in text(check))
        for severity in re.findall(r"\b(Critical|High|Medium|Low)\b[:,]", head):
            assert severity.lower() == defaults()[name][0]


def spans(path: Path) -> Iterator[str]:
    """Everything between backticks and in blocks, which names things of the code."""
    plain = re.sub(r"```.*?```", "", text(path), flags=re.DOTALL)
    yield from (span.replace("\n", " ") for span in re.findall(r"`([^`]+)`", plain))


@cache
def vocabulary() -> frozenset[str]:
    """Every word of the code, and of the names of its files; not of tests, which may name what never was."""
    rooms = (
        "ingest",
        "models",
        "macros",
        "core",
        "expectations",
        "publish",
        "serve",
        "alerts",
        "sandbox",
        "wholeday",
    )
    rooms += ("benchmarks", "agency", "tests/generic", "tests/data", ".dlt", ".github", ".ci")
    suffixes = {".py", ".sql", ".yml", ".toml", ".csv", ".html", ".j2", ".js", ".css", ".txt", ""}
    files = [
        path
        for room in rooms
        for path in (ROOT / room).rglob("*")
        if path.is_file() and path.suffix in suffixes and "__pycache__" not in path.parts
        if path.name != "secrets.toml"
    ]
    files += [path for path in ROOT.iterdir() if path.suffix in (".toml", ".yml", ".txt", ".lock")]
    files.append(ROOT / "Makefile")
    words = {
        word
        for path in files
        for word in re.findall(r"\w+", path.read_text(encoding="utf-8", errors="replace"))
    }
    names = {word for path in files for part in path.parts for word in re.findall(r"\w+", part)}
    return frozenset(word.lower() for word in words | names)


def unknown(span: str) -> list[str]:
    words = re.findall(r"(?<![\w-])[A-Za-z][A-Za-z_]\w*", span)
    return [word for word in words if word.lower() not in vocabulary() and word not in OTHERS]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_names_in_backticks_exist(path: Path) -> None:
    found = []
    for span in spans(path):
        if re.match(r"(?:SOURCES__|__[A-Z]|WHOLEDAY_)", span):
            continue  # settings have a test of their own
        found += [(span, word) for word in unknown(span)]
    assert found == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_settings_exist(path: Path) -> None:
    named = re.findall(r"\b(?:SOURCES__(?:META_ADS|GOOGLE_ADS|…))?__([A-Z][A-Z_]*[A-Z])\b", text(path))
    assert [name for name in named if name.lower() not in settings()] == []
    variables = re.findall(r"\bWHOLEDAY_[A-Z_]*[A-Z]\b", text(path))
    assert [name for name in variables if name.lower() not in vocabulary()] == []


@cache
def targets() -> frozenset[str]:
    return frozenset(re.findall(r"^([a-z-]+):", text(ROOT / "Makefile"), re.MULTILINE))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_exist(path: Path) -> None:
    code = " ".join([*spans(path), *re.findall(r"```.*?```", text(path), re.DOTALL)])
    makes = set(re.findall(r"\bmake (?:-s )?([a-z][a-z-]*)", code))
    assert makes <= targets()
    for module, command in re.findall(r"python -m ([\w.]+)(?: ([a-z]+))?", code):
        if module == "json.tool":
            continue
        folder = ROOT / module.replace(".", "/")
        main = folder / "__main__.py" if folder.is_dir() else folder.with_suffix(".py")
        assert main.is_file(), module
        if command:
            assert re.search(rf'["\']{command}["\']', source_of_commands(main)), (module, command)
    for variable in re.findall(r"\bmake [a-z-]+((?: [A-Z]+=\S+)+)", code):
        for name in re.findall(r"([A-Z]+)=", variable):
            assert f"$({name})" in text(ROOT / "Makefile"), name


def source_of_commands(main: Path) -> str:
    return " ".join(text(path) for path in [main, *main.parent.glob("*.py")])


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_in_backticks_exist(path: Path) -> None:
    found = []
    for span in spans(path):
        if not re.fullmatch(r"[\w.*<>/-]+/[\w.*<>/-]*|[\w-]+\.(?:py|sql|toml|csv|yml)", span):
            continue
        if span.startswith(ABROAD):
            continue
        pattern = re.sub(r"<\w+>", "*", span).rstrip("/")
        places = (
            ROOT,
            path.parent,
            ROOT / "benchmarks",
            ROOT / "sandbox",
            ROOT / "agency",
            ROOT / "tests" / "python",
        )
        room = pattern.partition("/")[0]
        ours = (ROOT / room).is_dir() and room not in MADE
        made = "/" in span and not ours and made_by_a_run(pattern)
        near = [] if "/" in span else list(path.parent.rglob(pattern))
        if not made and not near and not any(list(place.glob(pattern)) for place in places):
            found.append(span)
    assert found == []


def made_by_a_run(name: str) -> bool:
    """Whether the code itself speaks of a file or folder of this name."""
    parts = [part for part in name.split("/") if part.strip("*.")]
    return bool(parts) and all(word.lower() in vocabulary() for word in re.findall(r"\w+", parts[-1]))


@cache
def columns() -> dict[str, frozenset[str]]:
    """The columns of each relation that a page can name, by its full name."""
    found: dict[str, frozenset[str]] = {}
    folders = yaml.safe_load(text(ROOT / "dbt_project.yml"))["models"]["wholeday"]
    found |= {f"marts.{one.as_of}": frozenset() for one in HISTORIES if one.as_of}
    for path in (ROOT / "models").rglob("*.yml"):
        for source in (yaml.safe_load(text(path)) or {}).get("sources", []):
            if source.get("schema") == "marts":
                for table in source["tables"]:
                    names = frozenset(column["name"] for column in table["columns"])
                    found[f"marts.{table['name']}"] = names
        for model in (yaml.safe_load(text(path)) or {}).get("models", []):
            names = frozenset(column["name"] for column in model.get("columns", []))
            sql = next((ROOT / "models").rglob(f"{model['name']}.sql"), None)
            if sql is not None:
                room = sql.relative_to(ROOT / "models").parts[0]
                found[f"{folders[room]['+schema']}.{model['name']}"] = names
    return found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_relations_and_their_columns_exist(path: Path) -> None:
    named = re.findall(r"\b((?:marts|health|reports|intermediate|staging)\.\w+)(?:\.(\w+))?", text(path))
    for relation, column in named:
        if relation.endswith((".json", ".py")) or relation in ("health.json",):
            continue
        assert relation in columns(), relation
        assert not column or column in columns()[relation], (relation, column)


def test_metrics_has_every_check_with_its_severity() -> None:
    rows = re.findall(
        r"^\| ((?:`\w+`(?:, )?)+) \| (critical|high|medium|low) \|(.*)\|$",
        text(ROOT / "docs" / "metrics.md"),
        re.MULTILINE,
    )
    stated = {name: severity for names, severity, _ in rows for name in re.findall(r"`(\w+)`", names)}
    files = {
        re.search(r"'(\w+)' as name", text(path)).group(1): path.stem.removeprefix("check_")  # type: ignore[union-attr]
        for path in CHECKS.glob("check_*.sql")
    }
    assert stated == {name: defaults()[setting][0] for name, setting in files.items()}
    rated = ("completeness", "collectionSuccess", "healing", "quality", "reuse")
    targets = {**dict.fromkeys(rated, "percent"), "tokens": "warn_days"}
    for names, _, rest in rows:
        for name in re.findall(r"`(\w+)`", names):
            if name in targets:
                assert rest.split("|")[-1].strip() == f"{defaults()[files[name]][2][targets[name]]:g}", name
            for days in re.findall(r"(\d+) days", rest.partition("over")[0]):
                values = defaults()[files[name]][2].values()
                assert float(days) in values or name in ("splitData", "missingDays"), name


def test_metrics_states_the_weights_of_the_score() -> None:
    weights = defaults()["quality_score"][2]
    for page in (ROOT / "docs" / "metrics.md", RUNBOOKS / "quality.md"):
        said = dict(
            re.findall(
                r"\b(completeness|split|split data|freshness|consistency|reconciliation) \(?(\d+)\)?",
                text(page),
            )
        )
        assert {name.removesuffix(" data"): float(points) for name, points in said.items()} == {
            name: weights[name] for name in weights if name != "fresh_hours"
        }


def test_every_rule_is_in_the_readme_of_its_page() -> None:
    pages = {path.stem for path in RUNBOOKS.glob("*.md")}
    assert set(defaults()) <= pages


def test_alerts_are_sent_and_repeated_as_the_page_says() -> None:
    from alerts import messages, outbox

    said = text(ROOT / "docs" / "alerts.md")
    assert (messages._MOST_AT_ONCE, "More than five of one kind" in said) == (5, True)
    minutes = [f"{wait.total_seconds() / 60:g}" for wait in outbox._WAITS]
    assert f"after {', '.join(minutes[:-1])} and then every {minutes[-1]} minutes" in said


def test_retention_and_rounds_are_those_of_the_code() -> None:
    from ingest.collect import rounds
    from publish import releases

    for page in PAGES:
        for months in re.findall(r"(?:keeps?|kept|last) \(?(\d+) months", text(page)):
            assert int(months) == kept_months(), page
    assert (rounds.ROUNDS, "two rounds per run, and two more" in text(ROOT / "docs" / "architecture.md")) == (
        4,
        True,
    )
    assert (releases.KEPT, "Ten releases are kept" in text(RUNBOOKS / "disk_full.md")) == (10, True)


CODE = [
    path
    for room in ("core", "ingest", "expectations", "publish", "wholeday", "alerts", "serve", "models")
    for path in (ROOT / room).rglob("*")
    if path.suffix in (".py", ".sql", ".html", ".j2")
]


def test_commands_in_messages_exist() -> None:
    told = " ".join(re.sub(r'["\']\s*\n\s*f?["\']', "", text(path)) for path in CODE)
    made = re.findall(r"\bmake ([a-z-]+)((?: [A-Z]+=\S+)+)", told)
    assert len(made) > 5
    assert {target for target, _ in made} <= targets()
    named = {name for _, given in made for name in re.findall(r"([A-Z]+)=", given)}
    assert [name for name in named if f"$({name})" not in text(ROOT / "Makefile")] == []
    for module, command in re.findall(
        r"\bpython -m (ingest|expectations|publish|alerts|wholeday) ([a-z]+)", told
    ):
        main = ROOT / module.replace(".", "/") / "__main__.py"
        assert main.is_file(), module
        assert f'"{command}"' in source_of_commands(main), (module, command)


# What the platforms' own pages and other programs say.
THEIRS = {"Google Ads API", "In production", "Testing", "View performance"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_page_quotes_is_said(path: Path) -> None:
    """A sentence in quotation marks stands in the code; its numbers may be others."""
    code = " ".join(re.sub(r"""["']\s*\n\s*(?:\|\| )?f?["']""", "", text(source)) for source in CODE)
    said = re.sub(r"\s+", " ", code).lower()
    plain = re.sub(r"`[^`]*`", "", re.sub(r"```.*?```", "", text(path), flags=re.DOTALL))
    quoted = {re.sub(r"\s+", " ", found).strip("… ") for found in re.findall(r'"([^"]{4,80})"', plain)}
    unsaid = {found for found in quoted - THEIRS if re.sub(r"^\d+ ", "", found).lower() not in said}
    assert unsaid - {"No data"} == set()


# Subjects that are no subject (docs/decisions.md is a record of its time).
VAGUE = re.compile(r"\b(?:nobody|whoever|somebody|everybody|anybody|whatever|whom)\b", re.IGNORECASE)


VAGUE_PERSONS = re.compile(r"\b(?:nobody|whoever|somebody|everybody|anybody)\b", re.IGNORECASE)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_sentences_name_their_subject(path: Path) -> None:
    if path.stem != "decisions":
        assert VAGUE.findall(text(path)) == []


@pytest.mark.parametrize(
    "room",
    (
        "core",
        "ingest",
        "models",
        "macros",
        "expectations",
        "publish",
        "serve",
        "alerts",
        "wholeday",
        "sandbox",
        "benchmarks",
    ),
)
def test_code_names_its_subject(room: str) -> None:
    found = [
        path.relative_to(ROOT)
        for path in (ROOT / room).rglob("*")
        if path.suffix in (".py", ".sql", ".yml", ".html", ".js") and VAGUE_PERSONS.search(text(path))
    ]
    assert found == []


def test_the_benchmarks_are_as_large_as_the_page_says() -> None:
    said = text(ROOT / "benchmarks" / "README.md")
    kinds = tomllib.loads(text(ROOT / "benchmarks" / "detect" / "kinds.toml"))
    faults, events = len(kinds["fault"]), len(kinds["event"])
    assert f"of each of {faults} kinds of fault and {events} kinds of legitimate event" in said
    for room, option, words in (
        ("detect", "seeds", "{} seeds of each"),
        ("chaos", "trials", "{} trials, each drawn"),
    ):
        main = text(ROOT / "benchmarks" / room / "__main__.py")
        default = re.search(rf'"--{option}", type=int, default=(\d+)', main)
        assert default and words.format(default.group(1)) in said


def test_the_readme_names_the_oldest_python() -> None:
    needed = re.search(r'requires-python = ">=([\d.]+)', text(ROOT / "pyproject.toml"))
    assert needed and f"({needed.group(1)} or newer)" in text(ROOT / "README.md")


def test_the_sandbox_knows_the_faults_of_its_page() -> None:
    from sandbox.faults.effect import Effect
    from sandbox.target import KINDS

    said = text(ROOT / "sandbox" / "README.md")
    kinds = said.partition("\nKinds: ")[2].partition(". ")[0]
    assert tuple(re.findall(r"`(\w+)`", kinds)) == KINDS
    rows = re.findall(r"^\| (?:effect on the wire|on the \w+|on descriptions) \|(.*)\|$", said, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == {
        field.name for field in fields(Effect)
    }


def test_a_token_is_warned_of_as_the_pages_say() -> None:
    from ingest.doctor.token_expiry import WARN_DAYS

    assert defaults()["tokens"][2] == {"warn_days": WARN_DAYS}
    page = text(RUNBOOKS / "token_expiring.md")
    assert f"a warning from {WARN_DAYS} days before" in page
    assert f"shows more than {WARN_DAYS} days" in page
