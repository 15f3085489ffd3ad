-- Campaigns that do not add up to the platform's own totals: one row per version and
-- metric. Counts agree exactly, money within half a minor unit for each campaign and
-- one more, conversions within 0.01.
select
    'reconciliation' as rule,
    version.version_id,
    version.client_id,
    version.platform,
    version.account_id,
    null::varchar as campaign_id,
    version.date,
    difference.metric,
    difference.found::varchar as observed,
    difference.total::varchar as expected,
    format(
        '{}: the campaigns add up to {}, the account''s own total is {}',
        difference.metric, difference.found::double, difference.total::double
    ) as message
from {{ ref('int_control_differences') }} as difference
inner join {{ ref('int_versions') }} as version
    on difference.version_id = version.version_id
where
    abs(difference.found - difference.total) > case difference.kind
        when 'count' then 0
        when 'conversions' then 0.01
        else (difference.campaigns + 1) * 0.5 * {{ minor_unit('version.currency') }}
    end
