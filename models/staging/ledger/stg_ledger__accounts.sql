-- Accounts as their platform describes them: one row per account and change.
select distinct
    account.platform,
    account.account_id,
    account.name,
    upper(account.currency) as currency,
    coalesce(zone.zone, account.timezone) as timezone,
    account.status,
    -- What the platform does not tell is taken as active.
    coalesce(
        case account.platform
            {% for row in table_rows('platforms') -%}
                when '{{ row.name }}'
                    then
                        account.status
                        in ({{ "'" ~ row.active_statuses | join("', '") ~ "'" }})
            {% endfor %}
        end,
        true
    ) as is_active,
    account.manager,
    account.content_hash,
    account.run_id,
    account.seen_at
from {{ source('ledger', 'accounts') }} as account
left join {{ ref('stg_agency__zones') }} as zone
    on account.timezone = zone.name
where
    account._dlt_load_id in (
        select load_id from {{ source('ledger', '_dlt_loads') }}
        where status = 0
    )
    and account.seen_at <= (select as_of from {{ ref('stg_run') }})
