"""The page of invoices: for each account and month what was spent, invoiced, and is not explained."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

import duckdb
import jinja2

from publish.site.overview import query, rows
from publish.site.written import Written
from publish.words import money

PAGE = "invoices.html"


@dataclass(frozen=True)
class Invoice:
    """One account and month; amounts are ready to be read, and empty where there is none."""

    client_name: str
    client_id: str
    platform: str
    account_id: str
    month: str
    currency: str
    spend: str
    adjustments: str
    adjusted: str
    invoice: str
    remainder: str
    status: str
    days_lacking: int


def write(
    release: duckdb.DuckDBPyConnection | None, written: Written, environment: jinja2.Environment
) -> None:
    """Write the page, from the published release and from nothing else; without one it is empty."""
    found = [_invoice(*row) for row in rows(release, query("invoices"))] if release else []
    page = environment.get_template(PAGE).render(
        root="",
        current="Invoices",
        invoices=found,
        statuses=sorted(Counter(invoice.status for invoice in found).items()),
    )
    written.text(PAGE, page)


def _invoice(
    name: str, client_id: str, platform: str, account_id: str, month: str, currency: str,
    spend: Decimal | None, adjustments: Decimal | None, adjusted: str | None, invoice: Decimal | None,
    invoice_currency: str | None, remainder: Decimal | None, status: str, days_lacking: int,
) -> Invoice:  # fmt: skip
    other = f" {invoice_currency or 'in several currencies'}" if invoice_currency != currency else ""
    return Invoice(
        name, client_id, platform, account_id, month, currency,
        money(spend, currency), money(adjustments, currency), adjusted or "",
        f"{money(invoice, invoice_currency or '')}{other}" if invoice is not None else "",
        money(remainder, currency), status, days_lacking,
    )  # fmt: skip
