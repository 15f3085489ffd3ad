"""A server of prepared answers: Meta's wire format from memory, so that a client's time is its own.

Every account has the same number of campaigns, each with a row on every day. Rows are rendered once, before
the first request; an answer is a slice of them. ``GET /_asked`` lists the insight requests so far, for a
floor that fetches exactly the same bytes.
"""

import argparse
import json
import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from aiohttp import web

FIRST_DAY = date(2025, 1, 1)


@dataclass(frozen=True)
class Shape:
    """How much there is: ``accounts`` x ``days`` x ``campaigns`` rows."""

    accounts: int
    days: int
    campaigns: int

    @property
    def rows(self) -> int:
        """Campaign rows of all accounts."""
        return self.accounts * self.days * self.campaigns


@dataclass(frozen=True)
class Account:
    """Rendered rows in order of day; ``campaigns`` holds ``len // days`` rows a day, ``totals`` one."""

    campaigns: list[bytes]
    totals: list[bytes]


def render(number: int, shape: Shape) -> Account:
    """Render all rows of account ``number``: a few action types each, totals that agree."""
    draw = random.Random(number)  # noqa: S311 - figures, not secrets
    campaigns, totals = [], []
    for offset in range(shape.days):
        day = (FIRST_DAY + timedelta(offset)).isoformat()
        head = f'"account_id":"{number}","account_currency":"EUR","date_start":"{day}","date_stop":"{day}"'
        spends, impressions, clicks, leads = Decimal(0), 0, 0, 0
        for campaign in range(shape.campaigns):
            spend = Decimal(draw.randrange(100, 20000)) / 100
            shown, clicked, lead = draw.randrange(500, 9000), draw.randrange(10, 200), draw.randrange(1, 9)
            names = f'"campaign_id":"{number}{campaign:03}","campaign_name":"Campaign {campaign}"'
            campaigns.append(_row(f"{head},{names}", spend, shown, clicked, lead))
            spends, impressions = spends + spend, impressions + shown
            clicks, leads = clicks + clicked, leads + lead
        totals.append(_row(head, spends, impressions, clicks, leads))
    return Account(campaigns, totals)


def _row(head: str, spend: Decimal, impressions: int, clicks: int, leads: int) -> bytes:
    return (
        f'{{{head},"spend":"{spend}","impressions":"{impressions}","clicks":"{clicks}",'
        f'"inline_link_clicks":"{clicks}","attribution_setting":"7d_click_1d_view","actions":['
        f'{{"action_type":"link_click","value":"{clicks}"}},{{"action_type":"lead","value":"{leads}"}},'
        f'{{"action_type":"onsite_web_lead","value":"{leads}"}},'
        f'{{"action_type":"offsite_conversion.fb_pixel_lead","value":"{leads}"}}],'
        f'"action_values":[{{"action_type":"lead","value":"{leads * 5}.00"}}]}}'
    ).encode()


class Prepared:
    """The requests handlers and what they were asked."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._accounts = {str(1000 + n): render(1000 + n, shape) for n in range(shape.accounts)}
        self._asked: list[str] = []

    def application(self) -> web.Application:
        """Return the server's routes."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/_asked", self.asked),
                web.get("/{version}/act_{account}", self.account),
                web.get("/{version}/act_{account}/campaigns", self.campaigns),
                web.get("/{version}/act_{account}/insights", self.insights),
            ]
        )
        return app

    async def asked(self, _: web.Request) -> web.Response:
        """List the insight requests so far, as paths."""
        return web.json_response(self._asked)

    async def account(self, request: web.Request) -> web.Response:
        """Describe one account."""
        number = request.match_info["account"]
        return web.json_response(
            {
                "id": f"act_{number}",
                "account_id": number,
                "name": f"Account {number}",
                "currency": "EUR",
                "timezone_name": "Europe/Berlin",
                "account_status": 1,
            }
        )

    async def campaigns(self, request: web.Request) -> web.Response:
        """List all campaigns of an account on one page."""
        number = request.match_info["account"]
        rows = [
            {
                "id": f"{number}{n:03}",
                "name": f"Campaign {n}",
                "status": "ACTIVE",
                "effective_status": "ACTIVE",
            }
            for n in range(self._shape.campaigns)
        ]
        return web.json_response({"data": rows})

    async def insights(self, request: web.Request) -> web.Response:
        """Answer one page of daily rows, of campaigns or of the account."""
        self._asked.append(request.path_qs)
        account = self._accounts[request.match_info["account"]]
        query = request.query
        window = json.loads(query["time_range"])
        rows, per_day = (
            (account.totals, 1) if query["level"] == "account" else (account.campaigns, self._shape.campaigns)
        )
        first = max((date.fromisoformat(window["since"]) - FIRST_DAY).days, 0) * per_day
        end = ((date.fromisoformat(window["until"]) - FIRST_DAY).days + 1) * per_day
        begin = first + int(query.get("after") or 0)
        page = rows[begin : min(begin + int(query.get("limit", 25)), end)]
        after = begin - first + len(page)
        body = b'{"data":[' + b",".join(page) + b"]"
        if page:
            body += b',"paging":{"cursors":{"before":"0","after":"%d"}' % after
            if first + after < min(end, len(rows)):
                follow = request.url.update_query(after=str(after))
                body += b',"next":"%s"' % str(follow).encode()
            body += b"}"
        return web.Response(body=body + b"}", content_type="application/json")


def main() -> None:
    """Serve until the process is ended; print the port once everything is rendered."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("port", "accounts", "days", "campaigns"):
        parser.add_argument(f"--{name}", type=int, required=True)
    asked = parser.parse_args()
    prepared = Prepared(Shape(asked.accounts, asked.days, asked.campaigns))
    web.run_app(
        prepared.application(),
        host="127.0.0.1",
        port=asked.port,
        print=lambda *_: print("ready", flush=True),
        access_log=None,
    )


if __name__ == "__main__":
    main()
