"""What can go wrong with a request: classes, each with one action, and the failure that carries them."""

from dataclasses import dataclass, replace
from enum import StrEnum


class ErrorClass(StrEnum):
    """How a failure is treated; the names are those of the platforms' error catalogues."""

    THROTTLE = "throttle"
    TRANSIENT = "transient"
    AUTH = "auth"
    PERMISSION = "permission"
    BAD_REQUEST = "bad_request"
    TOO_MUCH_DATA = "too_much_data"
    PERMANENT = "permanent"
    # Not answers of a platform, but reasons of our own not to ask it.
    BREAKER = "breaker"
    DEADLINE = "deadline"
    BUDGET = "budget"


class Scope(StrEnum):
    """What a failure costs: this window, this account, or everything else on this platform."""

    WINDOW = "window"
    ACCOUNT = "account"
    PLATFORM = "platform"


@dataclass(frozen=True)
class Action:
    """What to do about a class: ask again, ask for less, and how much is lost when that does not help."""

    lost: Scope
    again: bool = False
    shrink: bool = False


# A request is asked again only where the platform says that this can help: own mistakes lower Meta's quota.
ACTIONS: dict[ErrorClass, Action] = {
    ErrorClass.THROTTLE: Action(lost=Scope.ACCOUNT, again=True),
    ErrorClass.TRANSIENT: Action(lost=Scope.WINDOW, again=True),
    ErrorClass.AUTH: Action(lost=Scope.PLATFORM),
    ErrorClass.PERMISSION: Action(lost=Scope.ACCOUNT),
    ErrorClass.BAD_REQUEST: Action(lost=Scope.WINDOW),
    ErrorClass.TOO_MUCH_DATA: Action(lost=Scope.WINDOW, shrink=True),
    ErrorClass.PERMANENT: Action(lost=Scope.PLATFORM),
    ErrorClass.BREAKER: Action(lost=Scope.ACCOUNT),
    ErrorClass.DEADLINE: Action(lost=Scope.ACCOUNT),
    ErrorClass.BUDGET: Action(lost=Scope.PLATFORM),
}


@dataclass(frozen=True)
class Failure:
    """One judged failure.

    ``wait_seconds`` is how long the platform asks to wait, ``status`` the HTTP status (0: no answer came),
    ``refresh`` says that a new access token may help, ``restart`` that the pages read so far are void.
    """

    error_class: ErrorClass
    message: str
    lost: Scope
    status: int = 0
    wait_seconds: float | None = None
    refresh: bool = False
    restart: bool = False

    @classmethod
    def of(
        cls, error_class: ErrorClass, message: str, *, lost: Scope | None = None, status: int = 0
    ) -> "Failure":
        """Return a failure of ``error_class`` that costs what its action says, unless ``lost`` is given."""
        return cls(error_class, message, lost or ACTIONS[error_class].lost, status)

    @property
    def again(self) -> bool:
        """Whether the same request may be asked again."""
        return ACTIONS[self.error_class].again

    @property
    def shrink(self) -> bool:
        """Whether a smaller request may be answered."""
        return ACTIONS[self.error_class].shrink

    def costing(self, lost: Scope) -> "Failure":
        """Return this failure with another scope."""
        return replace(self, lost=lost)


class RequestError(Exception):
    """A request that brought no usable answer, and why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class AnswerError(Exception):
    """One of the answers that make a day (``account``, ``delivery``, …; None: no single one) failed."""

    def __init__(self, answer: str | None, failure: Failure) -> None:
        super().__init__(f"{answer}: {failure.message}")
        self.answer = answer
        self.failure = failure
