"""Great Expectations as a worker: imported once, asked in three steps while a run goes on."""

from datetime import datetime

from core.judging import File
from core.settings import Settings
from core.worker import Message
from expectations import identity, report, suites
from expectations.outcome import Outcome, Run
from expectations.validate import Validation


class Judge:
    """One run's judgement; the steps are ``arrival``, ``candidate`` and ``docs``, in this order."""

    def __init__(self, settings: Settings) -> None:
        """Load the suites."""
        self._settings = settings
        self._suites = suites.load()
        self._validation: Validation | None = None
        self._outcome: Outcome | None = None

    def arrival(self, run_id: str = "", as_of: str = "", api: str = "", file: File | None = None) -> Message:
        """Judge what arrived for the run, or for the run that made ``file``."""
        run = (
            identity.run_of(self._settings, file) if file else Run(run_id, datetime.fromisoformat(as_of), api)
        )
        path = identity.path(self._settings, file or "candidate")
        self._validation = Validation(self._settings, run, self._suites, path)
        self._validation.judge_landing()
        return {}

    def candidate(self) -> Message:
        """Judge the file; the answer is what the verdict says."""
        assert self._validation is not None, "the arrival is judged first"
        self._outcome = self._validation.judge_candidate()
        return report.content(self._outcome)

    def docs(self) -> Message:
        """Draw the data docs of what was judged."""
        assert self._validation is not None and self._outcome is not None, "the candidate is judged first"
        self._validation.build_docs(self._outcome)
        return {}
