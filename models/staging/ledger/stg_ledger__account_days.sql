-- Versions of account-days: one row per version that landed completely, without its
-- answers.
{{ config(materialized='incremental') }}
{% set places = [
    '$[0]', '$[0].campaign', '$[0].segments', '$[0].metrics', '$[0].actions[0]',
    '$[0].action_values[0]'
] %}

with landed as (
    select *
    from {{ source('ledger', 'account_days') }}
    where
        _dlt_load_id in (
            select load_id from {{ source('ledger', '_dlt_loads') }}
            where status = 0
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
        string_split(fields, ',') as asked,
        attribution_setting,
        upper(currency) as currency,
        coalesce(zone.zone, landed.timezone) as timezone,
        -- NULL: the answer is no list.
        {% for answer in ('delivery', 'conversions', 'control_totals') -%}
            if(
                json_type(try_cast({{ answer }} as json)) = 'ARRAY',
                json_array_length({{ answer }}), null
            )::bigint as {{ answer }}_rows,
        {% endfor -%}
        -- What all rows have in common costs little to read; conversions are many, and
        -- their first row speaks for them.
        array_to_string(list_sort(list_distinct(flatten(list_concat(
            json_keys(json_structure(try_cast(delivery as json)), {{ places }}),
            json_keys(try_cast(conversions as json), {{ places }}),
            json_keys(json_structure(try_cast(control_totals as json)), {{ places }})
        )))), ',') as field_names,
        -- What was asked for: what the answer leaves out of it is zero.
        list_sort(list_distinct({{ told_measures() }})) as told_measures,
        pages,
        requests,
        started_at,
        finished_at
    from landed
    left join {{ ref('stg_agency__zones') }} as zone
        on landed.timezone = zone.name
    qualify row_number() over (partition by version_id order by _dlt_load_id) = 1
)

select * exclude (asked) from versions
