"""The first day on which an account delivered, asked in few requests: months first, then the days of one."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from core.platforms import kept_months
from ingest.access import Access
from ingest.client.errors import AnswerError, Failure, Scope

# A platform may keep less than is asked for. So many days later the next question begins.
LATER_DAYS = (0, 1, 7, 31, 122, 244, 366, 549, 732, 915)
# A question about so few days shows whether the platform refuses all questions of the kind.
PROBE_DAYS = 60


@dataclass(frozen=True)
class Began:
    """The first ``day`` with delivery, None for an account without any since ``asked_from``.

    The platform refuses questions about days before ``asked_from`` if it is ``cut``. ``exact`` is False if
    only the month of the delivery is known: ``day`` is then the first that was asked for of it.
    """

    day: date | None
    asked_from: date
    cut: bool = False
    exact: bool = True


async def first_delivery(reach: Access, account_id: str, today: date, earliest: date = date.min) -> Began:
    """Return when the account began to deliver, from ``earliest`` and from what is expected of a platform on.

    Takes two requests where the platform keeps as long as is expected. Raises ``AnswerError``, after three
    requests if the platform refuses the question for any days.
    """
    kept_from = max(months_before(today, kept_months()), min(earliest, today))
    for step, later in enumerate(LATER_DAYS):
        since = min(kept_from + timedelta(days=later), today)
        try:
            spans = await reach.delivering(account_id, since, today, monthly=True)
        except AnswerError as problem:
            if since == today or later == LATER_DAYS[-1] or not _smaller_may_do(problem.failure):
                raise
        else:
            break
        if step == 1:
            probed = max(since, today - timedelta(days=PROBE_DAYS))
            await reach.delivering(account_id, probed, today, monthly=True)
    cut = since > kept_from
    if not spans:
        return Began(None, since, cut)
    first, last = min(spans)
    first = max(first, since)
    try:
        days = await reach.delivering(account_id, first, min(last, today), monthly=False)
    except AnswerError:
        days = []
    return Began(min(days)[0] if days else first, since, cut, exact=bool(days))


def months_before(day: date, months: int) -> date:
    """Return the same day so many months ago, or the last of that month if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _smaller_may_do(failure: Failure) -> bool:
    """Whether the platform refused this question, and no other one: a shorter time may be answered."""
    return failure.lost is Scope.WINDOW and (failure.shrink or not failure.passing)
