"""The answers of the Meta Marketing API, one function per kind of node and edge."""

from dataclasses import replace

from sandbox.data.accounts import Account
from sandbox.data.calendar import day_of, today
from sandbox.http import Answer
from sandbox.meta import errors, index, insights, listing, nodes, query, rows
from sandbox.meta.call import Call
from sandbox.meta.index import Found
from sandbox.meta.reports import Report

EDGES = listing.EDGES
CUSTOM_CONVERSIONS = "customconversions"
NOTHING_THERE = frozenset({
    "activities", "adcreatives", "adimages", "advideos", "assigned_users", "business_users",
    "customaudiences",
})  # fmt: skip
"""Edges that exist on Meta and lead to nothing in the sandbox's world; other collectors read them."""


def answer(call: Call) -> Answer:
    """Return the answer to a checked request; raises MetaError."""
    node = call.path.node
    if node == "debug_token":
        return Answer(payload={"data": nodes.token_info(call.now)})
    if node == "me":
        return _me(call)
    report = call.sandbox.reports.find(node)
    if report:
        return _report(call, report)
    account = call.sandbox.registry.find("meta", call.path.account_id)
    if account:
        return _node(call, account, None)
    found = index.find(call.sandbox, node) if node.isdigit() else None
    if found is None or found.campaign.first > call.today(found.campaign.account):
        raise errors.unknown_object(node, call.ask.method.lower())
    return _node(call, found.campaign.account, found)


def _me(call: Call) -> Answer:
    fields = call.ask.params.get("fields", "")
    if not call.path.edge:
        me = {"id": nodes.USER_ID, "name": "Example Agency Reporting"}
        return Answer(payload=nodes.chosen(me, "User", fields or "name"))
    if call.path.edge in NOTHING_THERE:
        return Answer(payload={"data": []})
    if call.path.edge != "adaccounts":
        raise errors.unknown_path(f"/me/{call.path.edge}")
    accounts = [call.spoil.account(account) for account in call.sandbox.registry.of("meta")]
    return listing.page(
        call,
        [
            nodes.chosen(nodes.account_node(one, call.now), "AdAccount", fields or "account_id")
            for one in accounts
        ],
    )


def _node(call: Call, account: Account, found: Found | None) -> Answer:
    edge = call.path.edge
    if edge == "insights":
        params = _scoped(call.ask.params, found)
        if call.ask.method == "POST":
            query.read(params, call.today(account), account.kept_days)
            report = call.sandbox.reports.create(account.account_id, params, call.now)
            return Answer(payload={"report_run_id": report.run_id})
        return _insights(call, account, params, call.now)
    if edge in EDGES:
        return listing.edge(call, account, found.campaign if found else None)
    if edge == CUSTOM_CONVERSIONS and found is None:
        return listing.custom_conversions(call, account)
    if edge in NOTHING_THERE:
        return Answer(payload={"data": []})
    if edge:
        raise errors.unknown_path(f"/{call.path.node}/{edge}")
    fields = call.ask.params.get("fields", "")
    if found is None:
        node = nodes.account_node(call.spoil.account(account), call.now)
        return Answer(payload=nodes.chosen(node, "AdAccount", fields))
    return Answer(payload=nodes.chosen(_object(found, call.today(account)), found.kind, fields))


def _object(found: Found, running: int) -> dict[str, object]:
    if found.piece is None:
        return nodes.campaign_node(found.campaign, running)
    make = nodes.adset_node if found.kind == "AdSet" else nodes.ad_node
    return make(found.campaign, found.piece, running)


def _scoped(params: dict[str, str], found: Found | None) -> dict[str, str]:
    """Return the parameters with a node below the account turned into the condition that it stands for."""
    if found is None:
        return params
    level = found.kind.lower()
    node_id = found.piece.id if found.piece else found.campaign.campaign_id
    own = query.Filter(f"{level}.id", "EQUAL", node_id)
    return {"level": level} | params | {"filtering": query.with_filter(params.get("filtering", ""), own)}


def _report(call: Call, report: Report) -> Answer:
    account = call.sandbox.registry.find("meta", report.account_id)
    if account is None:
        raise errors.unknown_object(call.path.node)
    if call.path.edge == "insights":
        if not call.sandbox.reports.readable(report):
            raise errors.report_not_ready()
        paging = {
            name: value for name, value in call.ask.params.items() if name in ("limit", "after", "before")
        }
        return _insights(call, account, report.params | paging, report.asked_at)
    if call.path.edge:
        raise errors.unknown_path(f"/{call.path.node}/{call.path.edge}")
    asked = query.read(report.params, today(account.timezone, report.asked_at), account.kept_days)
    report.failed = call.spoil.job() or report.failed
    days = {"date_start": day_of(asked.first).isoformat(), "date_stop": day_of(asked.last).isoformat()}
    return Answer(payload=call.sandbox.reports.poll(report) | days | report.failed)


def _insights(call: Call, account: Account, params: dict[str, str], now: float) -> Answer:
    running = today(account.timezone, now)
    asked = query.read(params, running, account.kept_days)
    source = call.spoil.source(call.sandbox.registry, account)
    cube = call.spoil.cube(call.sandbox.book, source, asked.first, asked.last, now)
    result = insights.answer(asked, replace(cube, account=call.spoil.account(source)), running)
    if call.spoil.touches_rows:
        whole = call.spoil.rows(rows.written(result.page(0, len(result)), asked.fields, asked.windows))
        data, total = whole[asked.after : asked.after + asked.limit], len(whole)
    else:
        data = rows.written(result.page(asked.after, asked.limit), asked.fields, asked.windows)
        total = len(result)
    return Answer(payload=insights.paged(data, asked.after, total, call.link()))
