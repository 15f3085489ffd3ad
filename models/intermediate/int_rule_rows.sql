-- What the rules found: one row per finding and version that shows it, with the
-- agency's settings and waivers applied.
with offending as (
    select * from {{ ref('int_offences') }}
    union all
    select * from {{ ref('int_series_offences') }}
),

waivers as (
    select waiver.*
    from {{ ref('stg_agency__waivers') }} as waiver
    inner join {{ ref('stg_run') }} as run
        on coalesce(waiver.expires_on, run.as_of::date) >= run.as_of::date
),

rule_rows as (
    select
        md5(concat_ws(
            '|', offending.rule, offending.client_id, offending.platform,
            offending.account_id, coalesce(offending.campaign_id, ''), offending.date,
            offending.metric
        )) as finding_id,
        offending.*,
        setting.severity,
        setting.blocks,
        setting.mode,
        exists(
            select 1
            from waivers
            where
                waivers.rule = offending.rule
                and offending.client_id
                = coalesce(waivers.client_id, offending.client_id)
                and offending.platform
                = coalesce(waivers.platform, offending.platform)
                and offending.date between waivers.from_date and waivers.to_date
        ) as waived
    from offending
    inner join {{ ref('int_rules') }} as setting
        on offending.rule = setting.rule and offending.client_id = setting.client_id
)

select * from rule_rows
