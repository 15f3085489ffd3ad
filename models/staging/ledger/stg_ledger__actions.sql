-- Conversion actions as their platform describes them: one row per action and change.
-- What a smaller list did not tell is NULL; the last value that was told holds.
{% set landed = source('ledger', 'actions') %}

with actions as (
    {% if execute and load_relation(landed) is none %}
        -- The last collection is older than this table.
        select
            null::varchar as platform,
            null::varchar as account_id,
            null::varchar as action_id,
            null::varchar as name,
            null::varchar as status,
            null::boolean as primary_for_goal,
            null::bigint as click_window_days,
            null::bigint as view_window_days,
            null::varchar as content_hash,
            null::varchar as run_id,
            null::timestamptz as seen_at,
            null::varchar as _dlt_load_id
    {% else %}
        select * from {{ landed }}
    {% endif %}
)

select distinct
    platform,
    account_id,
    action_id,
    name,
    status,
    primary_for_goal,
    click_window_days,
    view_window_days,
    content_hash,
    run_id,
    seen_at
from actions
where
    _dlt_load_id in (
        select load_id from {{ source('ledger', '_dlt_loads') }}
        where status = 0
    )
    and seen_at <= (select as_of from {{ ref('stg_run') }})
