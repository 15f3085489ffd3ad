-- What platforms invoiced: one row per line of the agency's file, which may be missing.
-- An empty adjustment is the invoice itself.
select
    client_id,
    lower(platform) as platform,
    regexp_replace(account_id, '\D', '', 'g') as account_id,
    (month || '-01')[:10]::date as month,
    upper(currency) as currency,
    amount::decimal(18, 6) as amount,
    tax::decimal(18, 6) as tax,
    lower(adjustment) as adjustment
from ({{ agency_file('invoices', [
    'client_id', 'platform', 'account_id', 'month', 'currency', 'amount', 'tax',
    'adjustment'
], optional=true) }})
