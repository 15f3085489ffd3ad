-- How months moved, in percent: one row per client, platform, currency, month and the
-- earlier one that it is compared with: the month before, and that of a year ago. Only
-- whole calendar months are compared, and only if every expected day is whole.

with months as (
    select *
    from {{ ref('client_months') }}
    where status = 'complete' and is_full_month
)

select
    month.client_id,
    month.platform,
    month.currency,
    month.month,
    {% for figure in figures() -%}
        {{ percent(
            '(month.F - earlier.F)' | replace('F', figure), 'earlier.' ~ figure
        ) }} as {{ figure }},
    {% endfor -%}
    earlier.month as compared_with
from months as month
inner join months as earlier
    on
        month.client_id = earlier.client_id
        and month.platform = earlier.platform
        and month.currency = earlier.currency
        and earlier.month
        in (month.month - interval 1 month, month.month - interval 12 month)
