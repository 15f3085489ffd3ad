-- What the models know of a platform: one row each, and a new platform is a row more.
-- The settings are those that collection reads.
select
    'meta' as platform,
    coalesce({{ environment('SOURCES__META_ADS__SETTLING_HOURS') }}, '3')::integer
        as settling_hours,
    coalesce({{ environment('SOURCES__META_ADS__LOOKBACK_DAYS') }}, '28')::integer
        as lookback_days,
    37 as retention_months,
    true as totals_by_action
union all
select
    'google' as platform,
    coalesce({{ environment('SOURCES__GOOGLE_ADS__SETTLING_HOURS') }}, '3')::integer
        as settling_hours,
    coalesce({{ environment('SOURCES__GOOGLE_ADS__LOOKBACK_DAYS') }}, '35')::integer
        as lookback_days,
    37 as retention_months,
    false as totals_by_action
