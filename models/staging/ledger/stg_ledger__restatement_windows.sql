-- How long the days of accounts can change: one row per account and change. An account
-- without one changes as long as its platform's daily looks.
{% set landed = source('ledger', 'restatement_windows') %}

with restatement_windows as (
    {% if execute and load_relation(landed) is none %}
        -- The last collection is older than this table.
        select
            null::varchar as platform,
            null::varchar as account_id,
            null::bigint as days,
            null::bigint as longest_days,
            null::varchar as action_id,
            null::varchar as action_name,
            null::varchar as run_id,
            null::date as seen_on,
            null::timestamptz as seen_at,
            null::varchar as _dlt_load_id
    {% else %}
        select * from {{ landed }}
    {% endif %}
)

select distinct
    platform,
    account_id,
    days,
    longest_days,
    action_id,
    action_name,
    run_id,
    seen_on,
    seen_at
from restatement_windows
where
    _dlt_load_id in (
        select load_id from {{ source('ledger', '_dlt_loads') }}
        where status = 0
    )
    and seen_at <= (select as_of from {{ ref('stg_run') }})
