{#- The windows of an account's days: `before`, the days of a baseline; `last_N`, the N
    days up to a day; `before_N`, the days of a rate before those. Each but the last one
    also `_in_money`: within the stretch of days that share a currency. -#}
{% macro series_windows(spans, baseline_days, rate_days) -%}
    {%- set account = 'partition by platform, account_id' -%}
    {%- for suffix, by in {'': account, '_in_money': account ~ ', stretch'}.items() %}
        before{{ suffix }} as (
            {{ by }} order by date rows between {{ baseline_days }} preceding and 1 preceding
        ),
        {%- for span in spans %}
        last_{{ span }}{{ suffix }} as (
            {{ by }} order by date rows between {{ span - 1 }} preceding and current row
        ),
        {%- endfor %}
    {%- endfor %}
    {%- for span in spans %}
        before_{{ span }} as (
            {{ account }} order by date
            rows between {{ span + rate_days - 1 }} preceding and {{ span }} preceding
        ){{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
