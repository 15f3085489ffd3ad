"""The pin a rollback leaves: which release stays the published one until ``make unpin``."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from core.settings import Settings
from publish import files, places


@dataclass(frozen=True)
class Pin:
    """``run_id`` is the release that stays, ``instead_of`` the one readers had before."""

    run_id: str
    instead_of: str
    since: datetime | None

    @property
    def reason(self) -> str:
        """What the ledger says of it."""
        return f"release {self.run_id} is published again and pinned, instead of {self.instead_of}"


def read(settings: Settings) -> Pin | None:
    """Return the pin, if there is one. One that cannot be read still holds: it names no run."""
    try:
        found = json.loads(places.pinned(settings).read_bytes())
        return Pin(str(found["run_id"]), str(found["instead_of"]), datetime.fromisoformat(found["since"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return Pin("(pinned.json cannot be read)", "", None)


def write(settings: Settings, pin: Pin) -> None:
    """Pin durably."""
    files.write_text(
        places.pinned(settings),
        json.dumps(asdict(pin), indent=2, default=datetime.isoformat) + "\n",
        durable=True,
    )


def remove(settings: Settings) -> None:
    """Unpin durably."""
    places.pinned(settings).unlink(missing_ok=True)
    files.sync_folder(settings.warehouse)
