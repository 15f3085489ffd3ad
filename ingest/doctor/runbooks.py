"""The page that helps with a failure: one per cause, and one per class for what has no cause of its own."""

from ingest.client.errors import Failure


def page(failure: Failure) -> str:
    """Return the name of the page in ``docs/runbooks/``, without its ending."""
    return failure.cause.name.lower() if failure.cause else failure.error_class.value
