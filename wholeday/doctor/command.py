"""Everything the doctor looks at, in the order in which a person would repair it."""

from collections.abc import Callable, Iterable, Iterator

from core.diagnosis import Diagnosis, Status
from core.errors import UserError
from core.log import silence
from core.settings import Settings
from ingest.doctor.platforms import ask_platforms
from ingest.doctor.settings import settings_and_files
from wholeday.doctor import show
from wholeday.doctor.installation import installation
from wholeday.doctor.warehouse import warehouse

# What is looked at, and the area under which a look that could not be finished is told.
LOOKS: tuple[tuple[str, Callable[[Settings], Iterable[Diagnosis]]], ...] = (
    ("installation", installation),
    ("settings", settings_and_files),
    ("warehouse", warehouse),
    ("platforms", ask_platforms),
)


def doctor(settings: Settings, *, as_json: bool = False) -> int:
    """Look at everything and print what was found; the exit status is 1 if something has to be repaired.

    Reads only, takes no lock and leaves the ledger closed: a run that is under way is not disturbed.
    """
    silence()
    found = list(diagnoses(settings))
    if as_json:
        print(show.as_json(found))
    else:
        show.table(found)
    return 1 if show.worst(found) is Status.FAIL else 0


def diagnoses(settings: Settings) -> Iterator[Diagnosis]:
    """Yield what each look finds; one that fails is told and does not keep the others from looking."""
    for area, look in LOOKS:
        try:
            yield from look(settings)
        except (UserError, OSError) as problem:
            yield Diagnosis(area, "look", Status.FAIL, f"it could not be finished: {problem}", "see above")
