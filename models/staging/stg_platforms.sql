-- What the models know of a platform: one row per platform, and a new platform is a row more.
{%- set platforms = {'meta': ('META_ADS', 28, true), 'google': ('GOOGLE_ADS', 35, false)} -%}

{% for platform, (source_name, lookback_days, totals_by_action) in platforms.items() %}
select
    '{{ platform }}' as platform,
    {{ platform_setting(source_name, 'SETTLING_HOURS', 3) }} as settling_hours,
    {{ platform_setting(source_name, 'LOOKBACK_DAYS', lookback_days) }} as lookback_days,
    37 as retention_months,
    {{ totals_by_action }} as totals_by_action
{{ 'union all' if not loop.last }}
{% endfor %}
