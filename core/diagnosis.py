"""What a look at the installation found: one line of the doctor's table."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How bad it is: ``fail`` stops a run or spoils figures, ``warn`` will, ``pass`` is as it should be."""

    PASS = "pass"  # noqa: S105 - a status, not a password
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Diagnosis:
    """One thing that was looked at: ``found`` says how it is, ``remedy`` what a person does about it.

    ``runbook`` is the name of the page in ``docs/runbooks/`` that says more, "" for none.
    """

    area: str
    name: str
    status: Status
    found: str
    remedy: str = ""
    runbook: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return it as ``--json`` prints it."""
        return {
            "area": self.area,
            "name": self.name,
            "status": self.status.value,
            "found": self.found,
            "remedy": self.remedy,
            "runbook": f"docs/runbooks/{self.runbook}.md" if self.runbook else "",
        }
