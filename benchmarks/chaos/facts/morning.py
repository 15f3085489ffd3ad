"""One run of the pipeline in this process: dbt parses once, Great Expectations and dlt are imported once.

``wholeday.run`` is what ``make run`` starts. Only its workers differ: they work in this process, when they
are told to, instead of in one of their own.
"""

import copy
import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn, Self
from unittest.mock import patch

from dbt import compilation
from dbt.artifacts.resources.v1.components import InjectedCTE
from dbt.compilation import inject_ctes_into_sql
from dbt.contracts.graph.manifest import Manifest

import expectations.__main__ as expectations_command
from core.errors import UserError
from core.settings import Settings
from core.worker import Message
from publish import report
from wholeday import build, run
from wholeday.dbt import Dbt

Work = Callable[[Message], Message]


class _PreparedError(Exception):
    """A worker that would wait for its first message now."""

    def __init__(self, prepare: Callable[[], Work]) -> None:
        super().__init__()
        self.prepare = prepare


def _serve(prepare: Callable[[], Work]) -> NoReturn:
    raise _PreparedError(prepare)


class InProcess:
    """Does what ``core.worker.Worker`` does, at once and in this process."""

    def __init__(self, module: str, *arguments: str, log: Path) -> None:
        """Prepare ``python -m module arguments``."""
        del log
        self._answers: list[Message] = []
        self._describes = module == "wholeday"
        settings = Settings.from_env()
        try:
            with patch.object(sys, "argv", [module, *arguments]):
                if module == "wholeday":
                    build.serve_builds(settings)
                expectations_command.command()
        except _PreparedError as prepared:
            self._work = prepared.prepare()

    def go(self, **message: Any) -> None:
        """Work; a worker that has nothing left to do answers nothing."""
        if self._describes and not message:
            self._answers.append({})  # the lineage page, which no release needs
            return
        try:
            self._answers.append(self._work(message))
        except StopIteration:
            self._answers.append({})

    def result(self, seconds: float | None = None) -> Message:
        """Return the answer to the next message."""
        del seconds
        return self._answers.pop(0)

    def end(self) -> None:
        """Do nothing: there is no process to end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


class _Parsed:
    """The parsed project; every build gets a copy, since dbt writes into what it compiles."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Path], tuple[Dbt, Manifest]] = {}

    def __call__(self, settings: Settings, target: str, target_folder: Path) -> Dbt:
        key = (target, target_folder)
        if key not in self._kept:
            dbt = Dbt(settings, target, target_folder)
            manifest = dbt._manifest
            assert manifest is not None
            self._kept[key] = dbt, manifest
        dbt, manifest = self._kept[key]
        dbt = copy.copy(dbt)
        dbt._manifest = manifest.deepcopy()
        return dbt


class _Injected:
    """Remembers what dbt makes of a model and the ephemeral ones in it, which takes a fifth of a build."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, ...], str] = {}

    def __call__(self, sql: str, ctes: list[InjectedCTE]) -> str:
        key = (sql, *(part for cte in ctes for part in (cte.id, cte.sql)))
        if key not in self._kept:
            self._kept[key] = inject_ctes_into_sql(sql, ctes)
        return self._kept[key]


@contextmanager
def mornings() -> Iterator[Callable[[dict[str, str]], tuple[int, str]]]:
    """Give a function that runs the pipeline under variables: it returns the status and all that was said."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(run, "Worker", InProcess))
        stack.enter_context(patch.object(build, "Dbt", _Parsed()))
        stack.enter_context(patch.object(compilation, "inject_ctes_into_sql", _Injected()))
        stack.enter_context(patch.object(report, "render", lambda *_: None))  # the site: nothing reads it
        for module in (build, expectations_command):
            stack.enter_context(patch.object(module, "serve", _serve))
        yield _morning


def _morning(variables: dict[str, str]) -> tuple[int, str]:
    said = StringIO()
    with patch.dict(os.environ, variables), redirect_stdout(said), redirect_stderr(said):
        try:
            status = run.run(Settings.from_env())
        except UserError as problem:
            status = 2
            said.write(f"wholeday: {problem}\n")
        finally:
            # A process that runs for hours collects what one of a minute leaves, but not its libraries.
            gc.enable()
            gc.collect()
            gc.freeze()
    return status, said.getvalue()
