-- Share of account-days of the last 30 days that are whole: one row, with the clients
-- below their own target.
with clients as (
    select
        day.client_id,
        count(*) as expected,
        count(*) filter (where day.status = 'whole') as whole,
        any_value(setting.parameters['percent']) as target
    from {{ ref('int_account_days') }} as day
    inner join {{ ref('int_rules') }} as setting
        on setting.client_id = '' and setting.rule = 'completeness'
    where
        day.is_due and day.status <> 'not_expected' and not day.waived
        and day.date > day.last_closed_date - setting.parameters['days']::integer
    group by day.client_id
),

rated as (
    select
        clients.*,
        100 * clients.whole / clients.expected as completeness,
        coalesce(client.completeness_target, clients.target) as own_target
    from clients
    inner join {{ ref('stg_agency__clients') }} as client
        on clients.client_id = client.client_id
),

counted as (
    select
        coalesce(round(100 * sum(whole) / sum(expected), 3), 100) as completeness,
        coalesce(max(target), 100) as target,
        coalesce(list(
            {
                'client': client_id, 'completeness': round(completeness, 2),
                'target': own_target
            }
            order by completeness, client_id
        ) filter (where completeness < own_target), []) as below_target
    from rated
)

select
    'completeness' as name,
    case
        when completeness < target then 'fail'
        when len(below_target) > 0 then 'warn'
        else 'pass'
    end as status,
    completeness::varchar as observed,
    target::varchar as expected,
    format(
        '{} % of the last account-days are whole; {} clients are below their target',
        completeness, len(below_target)
    ) as message,
    to_json({
        'completeness': completeness, 'target': target, 'belowTarget': below_target
    }) as details
from counted
