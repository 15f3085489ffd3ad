"""What dbt makes of the project before it meets a warehouse: made once, used by every forked command."""

import json
import os
import shutil
from contextlib import ExitStack
from pathlib import Path

from dbt.cli.main import dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import SourceDefinition

from benchmarks.chaos.facts.quick import quick_dbt
from core.runs import Run
from core.settings import ROOT, Settings
from tests.python.models.small_ledger import SmallLedger, google, instant, meta, write_agency
from wholeday import build
from wholeday.dbt import Dbt

# What the template of the sources would spell otherwise than it is.
SPECIAL = set("'\"\\{}")
_FOR_GOOD = ExitStack()


def remember(folder: Path) -> None:
    """Parse the project and build it once, and let all that is forked from here have what dbt made of it."""
    settings = Settings(folder / "warehouse", folder / "site", folder / "agency")
    _write_ledger(settings)
    _FOR_GOOD.enter_context(quick_dbt())
    # dbt's static parser starts threads that a fork has not: there it would wait for them for ever.
    os.environ["DBT_STATIC_PARSER"] = "false"
    dbt = Dbt(settings, "candidate", settings.dbt_target)
    assert dbt._manifest is not None
    _Known.manifest, _Known.place = dbt._manifest.deepcopy(), str(settings.agency_read)
    built = dbt.build(Run("remembered", instant(24, 7), "sandbox", "build"), instant(24, 7), "{}")
    assert not built.failed, built.failed
    build.Dbt = _Known


class _Known(Dbt):
    """Does not parse: takes the kept manifest, with the files of its own warehouse in it."""

    manifest: Manifest
    place: str

    def _invoke(self, *command: str) -> dbtRunnerResult:
        place = self._places["WHOLEDAY_AGENCY"]
        if command[0] != "parse" or "candidate" not in self._flags or SPECIAL & set(place):
            return super()._invoke(*command)
        manifest = self.manifest.deepcopy()
        for name, source in manifest.sources.items():
            text = json.dumps(source.to_dict()).replace(self.place, place)
            manifest.sources[name] = SourceDefinition.from_dict(json.loads(text))
        return dbtRunnerResult(success=True, result=manifest)


def _write_ledger(settings: Settings) -> None:
    """Write a ledger of one day for each platform."""
    ledger, day = SmallLedger(), instant(22, 0).date()
    ledger.collected("meta", "1", day, instant(23, 6), meta())
    ledger.collected("google", "2", day, instant(23, 6), google())
    settings.candidate_folder.mkdir(parents=True)
    settings.log.parent.mkdir()
    ledger.write(settings)
    accounts = [(str(n), name, "dune", "PLN", "2026-11-18", "") for n, name in ((1, "meta"), (2, "google"))]
    write_agency(settings.agency_read, accounts)
    shutil.copy(ROOT / "agency" / "rules.csv", settings.agency_read / "rules.csv")
