"""One run of the pipeline in this process: dbt parses once, dlt is imported once.

``wholeday.run`` is what ``make run`` starts. Only its workers differ. The one that builds works in this
process, when it is told to. The one that judges is left out: the gate needs its verdict, and no invariant
reads what Great Expectations says. Histories by commands have it.
"""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn, Self
from unittest.mock import patch

from benchmarks.chaos.facts.quick import quick_dbt
from core import judging
from core.errors import UserError
from core.settings import Settings
from core.worker import Message, Steps
from publish import report
from wholeday import build, run


class _PreparedError(Exception):
    """A worker that would wait for its first message now."""

    def __init__(self, prepare: Callable[[], Steps]) -> None:
        super().__init__()
        self.prepare = prepare


def _serve(prepare: Callable[[], Steps]) -> NoReturn:
    raise _PreparedError(prepare)


class InProcess:
    """Does what ``core.worker.Worker`` does, at once and in this process."""

    def __init__(self, module: str, *_: str, log: Path) -> None:
        """Prepare what ``python -m module`` would do."""
        del log
        self._answers: list[Message] = []
        settings = Settings.from_env()
        self._steps = _builder(settings) if module == "wholeday" else _judge(settings)

    def ask(self, step: str, **facts: Any) -> None:
        """Do the step."""
        self._answers.append(self._steps[step](**facts))

    def result(self, seconds: float | None = None) -> Message:
        """Return the answer to the next step."""
        del seconds
        return self._answers.pop(0)

    def end(self) -> None:
        """Do nothing: there is no process to end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


def _builder(settings: Settings) -> Steps:
    try:
        build.serve_builds(settings)
    except _PreparedError as prepared:
        steps = prepared.prepare()
    # The lineage page is left out: no release needs it.
    return {**steps, "describe": lambda: {}}


def _judge(settings: Settings) -> Steps:
    """Return steps with the names of the judge's that answer at once."""
    judged = ""

    def arrival(run_id: str, **_: str) -> Message:
        nonlocal judged
        judged = run_id
        return {}

    def candidate() -> Message:
        verdict = {"run_id": judged, "failures": [], "statistics": {"evaluated": 1, "failed": 0}}
        judging.write(settings, verdict | {"file_sha256": judging.digest(settings.candidate)})
        return {}

    def docs() -> Message:
        settings.data_docs.mkdir(parents=True, exist_ok=True)
        (settings.data_docs / judging.DOCS_RUN).write_text(judged)
        return {}

    return {"arrival": arrival, "candidate": candidate, "docs": docs}


@contextmanager
def mornings() -> Iterator[Callable[[dict[str, str]], tuple[int, str]]]:
    """Give a function that runs the pipeline under variables: it returns the status and all that was said."""
    with ExitStack() as stack:
        stack.enter_context(quick_dbt())
        stack.enter_context(patch.object(run, "Worker", InProcess))
        stack.enter_context(patch.object(report, "render", lambda *_: None))  # the site: nothing reads it
        stack.enter_context(patch.object(build, "serve", _serve))
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
