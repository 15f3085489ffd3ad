"""Everything the doctor looks at, in the order in which a person would repair it."""

from collections.abc import Callable, Iterable, Iterator

from ingest.doctor_platforms import ask_platforms
from ingest.doctor_settings import settings_and_files
from wholeday.diagnosis import Diagnosis, Status
from wholeday.doctor import show
from wholeday.doctor.installation import installation
from wholeday.doctor.warehouse import warehouse
from wholeday.errors import UserError
from wholeday.log import silence
from wholeday.settings import Settings

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
