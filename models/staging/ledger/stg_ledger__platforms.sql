-- Platforms as a run found them: one row per run and platform.
{% set landed = source('ledger', 'platforms') %}

with platforms as (
    {% if execute and load_relation(landed) is none %}
        -- The last collection is older than this table.
        select
            null::varchar as run_id,
            null::varchar as platform,
            null::varchar as api_version,
            null::double as usage_percent,
            null::boolean as token_valid,
            null::boolean as token_told,
            null::timestamptz as token_expires_at,
            null::varchar as token_problem,
            null::timestamptz as seen_at,
            null::varchar as _dlt_load_id
    {% else %}
        select * from {{ landed }}
    {% endif %}
)

select distinct
    run_id,
    platform,
    api_version,
    usage_percent,
    token_valid,
    token_told,
    token_expires_at,
    token_problem,
    seen_at
from platforms
where
    _dlt_load_id in (
        select load_id from {{ source('ledger', '_dlt_loads') }}
        where status = 0
    )
    and seen_at <= (select as_of from {{ ref('stg_run') }})
