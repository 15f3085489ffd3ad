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
    # An answer that came without an error, and cannot be what was asked for.
    REFUSED = "refused"
    # Days that the platform no longer, or not yet, answers for.
    BOUNDARY = "boundary"
    # Days that should be told, and are not, where a platform is read and not asked.
    UNTOLD = "untold"
    # Not answers of a platform, but reasons of our own not to ask it.
    BREAKER = "breaker"
    DEADLINE = "deadline"
    BUDGET = "budget"


class Scope(StrEnum):
    """What a failure costs: this window, this account, or everything else on this platform."""

    WINDOW = "window"
    ACCOUNT = "account"
    PLATFORM = "platform"


class Cause(StrEnum):
    """What a person can do something particular about, in the words in which it is told."""

    VERSION_RETIRED = "the API version is retired"
    NOT_CONFIGURED = "the platform is not configured"
    LOGIN_DEAD = "the access is no longer valid"
    ACCESS_LOST = "the login has no access to the account"
    ACCOUNT_DISABLED = "the account is disabled"
    MANAGER_ACCOUNT = "the account is a manager account, which has no figures of its own"
    APP_RIGHTS = "the app lacks a right or an access level"
    POLICY_BLOCK = "the platform has blocked the app or its user"


@dataclass(frozen=True)
class Action:
    """What to do about a class, and how much is lost when that does not help.

    ``again``: the same request, after a wait; ``shrink``: a smaller one, then an asynchronous one; ``later``:
    once more when everything else has been asked.
    """

    lost: Scope
    again: bool = False
    shrink: bool = False
    later: bool = False


# A request is asked again only where the platform says that this can help: own mistakes lower Meta's quota.
ACTIONS: dict[ErrorClass, Action] = {
    ErrorClass.THROTTLE: Action(lost=Scope.ACCOUNT, again=True, later=True),
    ErrorClass.TRANSIENT: Action(lost=Scope.WINDOW, again=True, later=True),
    ErrorClass.AUTH: Action(lost=Scope.PLATFORM),
    ErrorClass.PERMISSION: Action(lost=Scope.ACCOUNT),
    ErrorClass.BAD_REQUEST: Action(lost=Scope.WINDOW),
    ErrorClass.TOO_MUCH_DATA: Action(lost=Scope.WINDOW, shrink=True, later=True),
    ErrorClass.PERMANENT: Action(lost=Scope.PLATFORM),
    ErrorClass.REFUSED: Action(lost=Scope.WINDOW, later=True),
    ErrorClass.BOUNDARY: Action(lost=Scope.WINDOW),
    ErrorClass.UNTOLD: Action(lost=Scope.WINDOW),
    ErrorClass.BREAKER: Action(lost=Scope.ACCOUNT, later=True),
    ErrorClass.DEADLINE: Action(lost=Scope.ACCOUNT, later=True),
    ErrorClass.BUDGET: Action(lost=Scope.PLATFORM),
}
# A longer wait is not sat out: the account, or the platform, is left for the next run.
LONGEST_WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class Failure:
    """One judged failure.

    ``wait_seconds`` is how long the platform asks to wait, ``status`` the HTTP status (0: no answer came),
    ``refresh`` says that a new access token may help, ``restart`` that what was read or begun so far is void,
    ``cause`` what a person can do something particular about.
    """

    error_class: ErrorClass
    message: str
    lost: Scope
    status: int = 0
    wait_seconds: float | None = None
    refresh: bool = False
    restart: bool = False
    cause: Cause | None = None

    @classmethod
    def of(
        cls,
        error_class: ErrorClass,
        message: str,
        *,
        lost: Scope | None = None,
        status: int = 0,
        cause: Cause | None = None,
    ) -> "Failure":
        """Return a failure of ``error_class`` that costs what its action says, unless ``lost`` is given."""
        text = f"{cause}: {message}" if cause else message
        return cls(error_class, text, lost or ACTIONS[error_class].lost, status, cause=cause)

    @property
    def again(self) -> bool:
        """Whether the same request may be asked again, after a wait that is worth it."""
        return ACTIONS[self.error_class].again and not self.restart and not self.long

    @property
    def shrink(self) -> bool:
        """Whether a smaller request may be answered."""
        return ACTIONS[self.error_class].shrink

    @property
    def long(self) -> bool:
        """Whether the platform asks to wait longer than a run does."""
        return (self.wait_seconds or 0.0) > LONGEST_WAIT_SECONDS

    @property
    def passing(self) -> bool:
        """Whether the same may well be answered a little later in the same run."""
        glitch = self.refresh and self.lost is not Scope.PLATFORM
        return glitch or (ACTIONS[self.error_class].later and not self.long)

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
