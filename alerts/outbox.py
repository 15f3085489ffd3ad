"""Delivery: each message to each of its channels, in order, until it has arrived."""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb
import structlog

from alerts.channels import Channel, Recipients
from alerts.messages import Message
from alerts.plain import plain

# After so many attempts this long is waited for the next; the last one stands for all further ones.
_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 20, 30))
_PENDING = """
select
    delivery.number,
    delivery.attempts,
    delivery.next_at <= getvariable('as_of') as is_due,
    message.subject,
    message.body
from told.deliveries as delivery
inner join told.messages as message using (message_id)
where delivery.state = 'pending' and delivery.channel = ?
order by delivery.number
"""

_log = structlog.get_logger()


@dataclass(frozen=True)
class Delivered:
    """How many messages left, and how many wait in the outbox still."""

    sent: int
    waiting: int


def put(ledger: duckdb.DuckDBPyConnection, message: Message, recipients: Recipients, now: datetime) -> str:
    """Put a message into the outbox of each channel that gets its severity; return its id."""
    message_id = uuid.uuid4().hex
    ledger.execute(
        "insert into told.messages values (?, ?, ?, ?, ?, ?)",
        [message_id, now, message.kind, message.severity, message.subject, message.body],
    )
    ledger.execute(
        "insert into told.deliveries (message_id, channel, state, attempts, next_at)"
        " select ?, unnest(?), 'pending', 0, ?",
        [message_id, recipients.keys(*message.severities), now],
    )
    return message_id


def deliver(ledger: duckdb.DuckDBPyConnection, recipients: Recipients, now: datetime) -> Delivered:
    """Send what is due. A channel that fails keeps its messages, in order, and is tried again later.

    What was sent is committed before the next one is: a crash repeats at most the message it interrupted.
    """
    sent, waiting = 0, 0
    for channel in recipients.channels:
        pending = ledger.execute(_PENDING, [channel.key]).fetchall()
        waiting += len(pending)
        for number, attempts, is_due, subject, body in pending:
            if not is_due:
                break
            if not send(channel, subject, body):
                wait = _WAITS[min(attempts, len(_WAITS) - 1)]
                ledger.execute(
                    "update told.deliveries set attempts = attempts + 1, next_at = ? where number = ?",
                    [now + wait, number],
                )
                _log.warning("alert not delivered", channel=channel.name, attempt=attempts + 1)
                break
            ledger.execute(
                "update told.deliveries set state = 'sent', attempts = attempts + 1, sent_at = ?"
                " where number = ?",
                [now, number],
            )
            sent, waiting = sent + 1, waiting - 1
    return Delivered(sent, waiting)


def send(channel: Channel, subject: str, body: str) -> bool:
    """Send one message and say whether it arrived; no error leaves this function."""
    # Slow to import, and most runs have nothing to send.
    import apprise

    # It would print addresses, which are secrets.
    logging.getLogger("apprise").addHandler(logging.NullHandler())
    logging.getLogger("apprise").propagate = False
    try:
        way = apprise.Apprise()
        return bool(
            way.add(channel.url)
            and way.notify(body=plain(body), title=plain(subject), body_format=apprise.NotifyFormat.TEXT)
        )
    except Exception as problem:
        _log.warning("channel failed", channel=channel.name, problem=type(problem).__name__)
        return False
