"""Meta's error envelope and the errors that the sandbox raises on its own account."""

from typing import Any

from sandbox.http import Answer

FIELDS_PAGE = "https://developers.facebook.com/docs/marketing-api/reference/ads-insights/"
NEWEST = "v26.0"


class MetaError(Exception):
    """An answer with Meta's error envelope."""

    def __init__(
        self, message: str, code: int = 100, subcode: int | None = None, status: int = 400, **more: Any
    ) -> None:
        super().__init__(message)
        error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code}
        if subcode is not None:
            error["error_subcode"] = subcode
        self.error = error | more | {"fbtrace_id": "AsandboxTrace0000000000"}
        self.status = status

    def answer(self) -> Answer:
        """Return the answer that carries the error."""
        hint = f'OAuth "Facebook Platform" "invalid_request" "{self.error["message"]}"'
        plain = hint.encode("ascii", "replace").decode()
        return Answer(self.status, {"error": self.error}, {"WWW-Authenticate": plain})


def bad_token() -> MetaError:
    """The token is missing or unknown."""
    return MetaError("Invalid OAuth access token - Cannot parse access token", 190)


def bad_proof() -> MetaError:
    """The appsecret_proof does not belong to the token."""
    return MetaError("Invalid appsecret_proof provided in the API argument", 100, type="GraphMethodException")


def unknown_object(node: str, method: str = "get") -> MetaError:
    """The object does not exist, or is not this token's to see: Meta does not say which."""
    return MetaError(
        f"Unsupported {method} request. Object with ID '{node}' does not exist, cannot be loaded due to "
        "missing permissions, or does not support this operation. Please read the Graph API documentation at "
        "https://developers.facebook.com/docs/graph-api",
        100,
        33,
        type="GraphMethodException",
    )


def unknown_path(path: str) -> MetaError:
    """Nothing lives at this path."""
    return MetaError(f"Unknown path components: {path}", 2500)


def deprecated_version() -> MetaError:
    """The version of the path is no longer served."""
    return MetaError(
        "(#2635) You are calling a deprecated version of the Ads API. Please update to the latest version: "
        f"{NEWEST}.",
        2635,
    )


def not_valid_for(param: str, names: list[str], page: str = FIELDS_PAGE) -> MetaError:
    """Some values of a parameter are not known."""
    verb = "is" if len(names) == 1 else "are"
    return MetaError(
        f"(#100) {', '.join(names)} {verb} not valid for {param} param. "
        f"please check {page} for all valid values"
    )


def no_such_field(name: str, node: str) -> MetaError:
    """A field of an object is not known."""
    return MetaError(f"(#100) Tried accessing nonexisting field ({name}) on node type ({node})")


def must_be_one_of(param: str, values: tuple[str, ...]) -> MetaError:
    """A parameter has a value outside its list."""
    return MetaError(f"(#100) {param} must be one of the following values: {', '.join(values)}")


def bad_param(text: str) -> MetaError:
    """A parameter cannot be read."""
    return MetaError(f"(#100) {text}")


def since_after_until() -> MetaError:
    """The window ends before it begins."""
    return MetaError(
        "(#100) Invalid parameter",
        is_transient=False,
        error_user_title="Invalid time range",
        error_user_msg="The start date of the time range must not be later than its end date.",
    )


def in_the_future() -> MetaError:
    """The window begins after the account's own today."""
    return MetaError(
        "(#100) Invalid parameter",
        is_transient=False,
        error_user_title="Invalid time range",
        error_user_msg="The start date of the time range cannot be in the future.",
    )


def too_old() -> MetaError:
    """The window begins before what Meta keeps."""
    return MetaError(
        "(#3018) The start date of the time range cannot be beyond 37 months from the current date", 3018
    )


def report_not_ready() -> MetaError:
    """An async report was read before it was complete."""
    return MetaError(
        "Error accessing adreport job.",
        2601,
        1815107,
        is_transient=True,
        error_user_title="Loading Async Error",
        error_user_msg="Sorry, we are unable to load your report. Please check the status of the job.",
    )
