-- The agency's months that the overview shows, newest first.
select
    strftime(month, '%Y-%m') as month,
    currency,
    total_spend,
    reservation_value,
    total_clicks,
    reservations,
    clients,
    clients_whole,
    unconverted,
    status
from reports.agency_months
where platform = ''
order by month desc
limit getvariable('months')
