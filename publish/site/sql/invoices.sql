-- What the page of invoices lists, newest month first.
select
    coalesce(clients.client_name, invoice.client_id) as client_name,
    invoice.client_id,
    invoice.platform,
    invoice.account_id,
    strftime(invoice.month, '%Y-%m') as month,
    invoice.currency,
    invoice.ledger_spend,
    invoice.adjustments,
    invoice.adjusted,
    invoice.invoice,
    invoice.invoice_currency,
    invoice.remainder,
    invoice.status,
    invoice.days_expected - invoice.days_whole as days_lacking
from marts.invoice_match as invoice
left join marts.clients as clients
    on invoice.client_id = clients.client_id
order by
    invoice.month desc,
    (invoice.status = 'matched') asc,
    client_name asc,
    invoice.platform asc,
    invoice.account_id asc
