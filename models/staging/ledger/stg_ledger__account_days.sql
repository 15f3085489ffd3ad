-- Versions of account-days: one row per version that landed completely, without its answers.
{{ config(materialized='incremental') }}

with landed as (
    select *
    from {{ source('ledger', 'account_days') }}
    where
        _dlt_load_id in (
            select load_id from {{ source('ledger', '_dlt_loads') }} where status = 0
        )
        and finished_at <= (select as_of from {{ ref('stg_run') }})
        {% if is_incremental() %}
            and version_id not in (select known.version_id from {{ this }} as known)
        {% endif %}
),

versions as (
    select
        version_id,
        collection_id,
        run_id,
        platform,
        account_id,
        date,
        content_hash,
        data_source,
        api_version,
        fields,
        attribution_setting,
        currency,
        timezone,
        -- NULL: the answer is no list.
        case when json_type(try_cast(delivery as json)) = 'ARRAY' then json_array_length(delivery) end::bigint
            as delivery_rows,
        case when json_type(try_cast(conversions as json)) = 'ARRAY' then json_array_length(conversions) end::bigint
            as conversions_rows,
        case when json_type(try_cast(control_totals as json)) = 'ARRAY' then json_array_length(control_totals) end::bigint
            as control_totals_rows,
        pages,
        requests,
        started_at,
        finished_at
    from landed
    qualify row_number() over (partition by version_id order by _dlt_load_id) = 1
)

select * from versions
