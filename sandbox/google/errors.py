"""Google's error envelope and the errors that the sandbox raises on its own account."""

from typing import Any

from sandbox.http import Answer

NOT_FOUND_PAGE = (
    "<!DOCTYPE html>\n<html lang=en>\n<title>Error 404 (Not Found)!!1</title>\n<p><b>404.</b> "
    "<ins>That\u2019s an error.</ins>\n"
    "<p>The requested URL <code>{path}</code> was not found on this server. "
    "<ins>That\u2019s all we know.</ins>\n"
)


class GoogleError(Exception):
    """An answer with Google's error envelope, such as queryError, UNRECOGNIZED_FIELD."""

    status, http, text = "INVALID_ARGUMENT", 400, "Request contains an invalid argument."

    def __init__(self, kind: str, code: str, message: str) -> None:
        super().__init__(message)
        self.kind, self.code, self.message = kind, code, message

    def answer(self, version: str, request_id: str, stream: bool = False) -> Answer:
        """Return the answer; a stream carries the error in an array."""
        failure = {
            "@type": f"type.googleapis.com/google.ads.googleads.{version}.errors.GoogleAdsFailure",
            "errors": [{"errorCode": {self.kind: self.code}, "message": self.message}],
            "requestId": request_id,
        }
        error: dict[str, Any] = {
            "code": self.http,
            "message": self.text,
            "status": self.status,
            "details": [failure],
        }
        return Answer(self.http, [{"error": error}] if stream else {"error": error})


class UnauthenticatedError(GoogleError):
    """The access token is missing, unknown or expired."""

    status, http = "UNAUTHENTICATED", 401
    text = (
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or "
        "other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
    )


class ForbiddenError(GoogleError):
    """The caller may not read this customer."""

    status, http, text = "PERMISSION_DENIED", 403, "The caller does not have permission"


def query_error(code: str, message: str) -> GoogleError:
    """Return an error of the query."""
    return GoogleError("queryError", code, message)


def invalid_token() -> GoogleError:
    """The token is unknown or missing."""
    return UnauthenticatedError(
        "authenticationError", "OAUTH_TOKEN_INVALID", "OAuth token in the header is not valid."
    )


def expired_token() -> GoogleError:
    """The token has lived its hour."""
    return UnauthenticatedError(
        "authenticationError", "OAUTH_TOKEN_EXPIRED", "OAuth token in the header has expired."
    )


def no_access() -> GoogleError:
    """The customer belongs to no login of the caller."""
    return ForbiddenError(
        "authorizationError",
        "USER_PERMISSION_DENIED",
        "User doesn't have permission to access customer. Note: If you're accessing a client customer, the "
        "manager's customer id must be set in the 'login-customer-id' header. See "
        "https://developers.google.com/google-ads/api/docs/concepts/call-structure#cid",
    )


def bad_login() -> GoogleError:
    """The login customer is not the manager of the customer."""
    return ForbiddenError(
        "authorizationError",
        "INVALID_LOGIN_CUSTOMER_ID_SERVING_CUSTOMER_ID_COMBINATION",
        "The login customer specified does not have access to the account specified, "
        "so the request is invalid.",
    )


def login_not_an_id() -> GoogleError:
    """The login-customer-id header has dashes or letters."""
    return GoogleError(
        "headerError", "INVALID_LOGIN_CUSTOMER_ID", "The login customer ID could not be validated."
    )


def customer_not_an_id(customer: str) -> GoogleError:
    """The customer in the path has dashes or letters."""
    return GoogleError("requestError", "INVALID_CUSTOMER_ID", f"Invalid customer ID '{customer}'.")


def old_version(version: str) -> GoogleError:
    """The version is sunset."""
    return GoogleError(
        "requestError",
        "UNSUPPORTED_VERSION",
        f"Version {version} is deprecated. Requests to this version will be blocked.",
    )


def page_size() -> GoogleError:
    """The request names a page size."""
    return GoogleError(
        "requestError",
        "PAGE_SIZE_NOT_SUPPORTED",
        "Setting the page size is not supported. "
        "The search response is now always paginated with 10,000 rows.",
    )


def bad_page_token() -> GoogleError:
    """The page token is none, or another query's."""
    return GoogleError("requestError", "INVALID_PAGE_TOKEN", "Page token is invalid.")


def too_early() -> GoogleError:
    """The window begins before what Google keeps."""
    return GoogleError(
        "dateError", "EARLIER_THAN_MINIMUM_DATE", "The date is earlier than the minimum allowed date."
    )
