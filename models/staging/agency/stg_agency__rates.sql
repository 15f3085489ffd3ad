-- Exchange rates: one row per currency and date, for bounds and for the reporting
-- currency.
select
    upper(currency) as currency,
    date::date as date,
    pln::decimal(18, 6) as pln
from ({{ agency_file('rates', ['currency', 'date', 'pln']) }})
