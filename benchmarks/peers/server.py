"""The prepared server as the peers need it: ads instead of campaigns, reports, batches, the login's accounts.

An ad-level row is the campaign row with the ids of its one ad set and ad, so that everyone reads the same
rows. A report is complete as soon as it is asked for: there is no waiting.
"""

import argparse
import json
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from benchmarks.prepared import FIRST_DAY, Account, Prepared, Shape, render


def _of_ads(account: Account) -> Account:
    """Return ``account`` with an ad set and an ad in each campaign row."""
    rows = [
        b'%s,"adset_id":"1%s","ad_id":"2%s"}' % (row[:-1], campaign, campaign)
        for row in account.campaigns
        if (campaign := row.split(b'"campaign_id":"', 1)[1].split(b'"', 1)[0])
    ]
    return replace(account, campaigns=rows)


async def _throttle(_: web.Request, response: web.StreamResponse) -> None:
    """Say, as Meta does with every answer, that the quota is far from used up."""
    response.headers["x-fb-ads-insights-throttle"] = '{"app_id_util_pct": 0.1, "acc_id_util_pct": 0.1}'


class PeerServer(Prepared):
    """Every page is a slice of rendered rows; a report remembers what it was asked for."""

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        numbers = [str(1000 + n) for n in range(shape.accounts)]
        self._ads = {number: _of_ads(render(int(number), shape)) for number in numbers}
        self._reports: dict[str, tuple[str, date, date]] = {}

    def application(self) -> web.Application:
        """Return the routes; what the SDK asks for comes before what the collector does."""
        app = web.Application()
        app.on_response_prepare.append(_throttle)
        app.add_routes(
            [
                web.get("/{version}/me/adaccounts", self.accounts),
                # The SDK ends the path of an object's own fields with a slash.
                web.get("/{version}/act_{account}/", self.account),
                web.post("/{version}/act_{account}/insights", self.report),
                web.get(r"/{version}/{report:9\d+}/", self.state),
                web.get(r"/{version}/{report:9\d+}/insights", self.result),
                web.post("/{version}/", self.batch),
            ]
        )
        for route in super().application().router.routes():
            if route.method == "GET" and route.resource is not None:
                app.router.add_get(route.resource.canonical, route.handler)
        return app

    async def accounts(self, _: web.Request) -> web.Response:
        """List the accounts of the login."""
        return web.json_response({"data": [{"id": f"act_{n}", "account_id": n} for n in self._ads]})

    async def insights(self, request: web.Request) -> web.Response:
        """Answer one page directly; without a window the question is about the last days, which are empty."""
        if "time_range" not in request.query:
            return web.json_response({"data": []})
        return await super().insights(request)

    async def report(self, request: web.Request) -> web.Response:
        """Create a report over ads, one row a day each."""
        form = {**request.query, **await request.post()}
        one, several = (json.loads(str(form.get(name, "null"))) for name in ("time_range", "time_ranges"))
        window = one or several[0]
        name = f"9{len(self._reports):09}"
        since, until = (date.fromisoformat(window[end]) for end in ("since", "until"))
        self._reports[name] = (request.match_info["account"], since, until)
        return web.json_response({"report_run_id": name})

    async def state(self, request: web.Request) -> web.Response:
        """Say that the report is complete."""
        return web.json_response(self._state(request.match_info["report"]))

    def _state(self, report: str) -> dict[str, Any]:
        return {
            "id": report,
            "account_id": self._reports[report][0],
            "async_status": "Job Completed",
            "async_percent_completion": 100,
        }

    async def result(self, request: web.Request) -> web.Response:
        """Answer one page of a report."""
        account, since, until = self._reports[request.match_info["report"]]
        per_day, rows = self._shape.campaigns, self._ads[account].campaigns
        first, end = ((day - FIRST_DAY).days * per_day for day in (since, until))
        begin = max(first, 0) + int(request.query.get("after") or 0)
        end = min(end + per_day, len(rows))
        page = rows[begin : min(begin + int(request.query.get("limit", 25)), end)] if begin < end else []
        body = b'{"data":[' + b",".join(page) + b"]"
        if page:
            after = begin - max(first, 0) + len(page)
            body += b',"paging":{"cursors":{"before":"0","after":"%d"}' % after
            if begin + len(page) < end:
                follow = request.url.update_query(after=str(after))
                body += b',"next":"%s"' % str(follow).encode()
            body += b"}"
        return web.Response(body=body + b"}", content_type="application/json")

    async def batch(self, request: web.Request) -> web.Response:
        """Answer a batch of questions for the state of reports."""
        form = await request.post()
        answers = []
        for one in json.loads(str(form["batch"])):
            report = urlsplit(one["relative_url"]).path.rstrip("/").rsplit("/", 1)[-1]
            answers.append({"code": 200, "headers": [], "body": json.dumps(self._state(report))})
        return web.json_response(answers)


def main() -> None:
    """Serve until the process is ended; print a line once everything is rendered."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("port", "accounts", "days", "campaigns"):
        parser.add_argument(f"--{name}", type=int, required=True)
    asked = parser.parse_args()
    server = PeerServer(Shape(asked.accounts, asked.days, asked.campaigns))
    web.run_app(
        server.application(),
        host="127.0.0.1",
        port=asked.port,
        print=lambda *_: print("ready", flush=True),
        access_log=None,
    )


if __name__ == "__main__":
    main()
