-- Closed client-days without figures: one row per client, platform and date, with what
-- is wrong with its worst account. A status `whole` is there where one of the accounts
-- has not closed the day yet, or has another currency.
{#- From harmless to grave. #}
{%- set states = [
    'whole',
    'waived',
    'queued',
    'suspect',
    'missing',
    'invalid',
    'unreconciled',
    'split',
] %}

with account_days as (
    select
        day.client_id,
        day.platform,
        day.date,
        day.status,
        day.reason,
        case
            when day.status = 'whole' then 'whole'
            when day.waived then 'waived'
            when day.reason = 'queued' then 'queued'
            else day.status
        end as state
    from {{ ref('account_days') }} as day
    inner join {{ ref('int_client_days') }} as client_day
        on
            day.client_id = client_day.client_id
            and day.platform = client_day.platform
            and day.date = client_day.date
    where day.status <> 'not_expected' and not client_day.is_whole
)

select
    client_id,
    platform,
    date,
    {{ states }}[max(list_position({{ states }}, status))] as status,
    string_agg(distinct reason, '; ' order by reason) as reason,
    {{ states }}[max(list_position({{ states }}, state))] as state
from account_days
group by client_id, platform, date
