-- Where a platform was found to refuse older days: one row per account, what was found
-- last.
{% set landed = source('ledger', 'retention_edges') %}

with edges as (
    {% if execute and load_relation(landed) is none %}
        -- The last collection is older than this table.
        select
            null::varchar as platform,
            null::varchar as account_id,
            null::bigint as kept_days,
            null::date as kept_from,
            null::varchar as message,
            null::varchar as run_id,
            null::date as seen_on,
            null::timestamptz as seen_at,
            null::varchar as _dlt_load_id
    {% else %}
        select * from {{ landed }}
    {% endif %}
)

select
    platform,
    account_id,
    kept_days,
    kept_from,
    message,
    run_id,
    seen_on,
    seen_at
from edges
where
    _dlt_load_id in (
        select load_id from {{ source('ledger', '_dlt_loads') }}
        where status = 0
    )
    and seen_at <= (select as_of from {{ ref('stg_run') }})
qualify row_number() over (
    partition by platform, account_id order by seen_at desc, run_id desc
) = 1
