-- Every day beside its account's own history: one row per closed account-day that has
-- figures. The tested day is outside of its baseline, and so are days with findings:
-- first those of other rules, then those that stand out from a first baseline. A day is
-- judged once, and again when one in its history is another. Money is judged beside the
-- days of the same currency since it last changed; counts beside all of them.
{%- set ratios = {
    'cpc': ['spend', 'clicks'],
    'cpm': ['spend', 'impressions'],
    'ctr': ['clicks', 'impressions'],
    'value': ['reservation_value', 'reservations'],
} %}
{%- set money = ['cpc', 'cpm', 'value'] %}
{%- set counts = ['conversions', 'click_to_call', 'email_contacts', 'reservations'] %}
{%- set amounts = ['spend', 'impressions', 'reservation_value'] %}
{%- set spans = [1, 3, 7, 28] %}
{#- Days of a baseline, of a rate, and how far both reach back together: a day of a rate
    has a baseline of its own. -#}
{%- set baseline_days, rate_days = 42, 56 %}
{%- set reach_days = spans[-1] + rate_days - 1 + baseline_days %}
{#- Quartiles of a normal distribution are so many of its standard deviations apart. -#}
{%- set normal_quartiles = 1.349 %}
{#- The root of a count, this much added, deviates alike at every level (Anscombe). -#}
{%- set root = 0.375 %}
{#- What stands out of the first baseline: deviations of a count and of a ratio. -#}
{%- set count_deviations, ratio_deviations = 2.5, 5 %}
{%- set windows = series_windows(spans, baseline_days, rate_days) %}

{{ config(
    materialized='incremental',
    pre_hook="
        {% if is_incremental() %}
            delete from {{ this }} where history_hash not in (
                select day.history_hash from {{ ref('int_series_days') }} as day
            )
        {% endif %}
    "
) }}

with new_days as (
    select
        platform,
        account_id,
        date
    from {{ ref('int_series_days') }}
    where
        true
        {% if is_incremental() %}
            and history_hash not in (select known.history_hash from {{ this }} as known)
        {% endif %}
        and version_id is not null
),

-- The days that the baselines of the new ones reach back to, as in history_hash.
reaches as (
    select
        platform,
        account_id,
        min(date) - {{ reach_days }} as from_date,
        max(date) as to_date
    from new_days
    group by platform, account_id
),

currencies as (
    select
        day.*,
        coalesce(
            day.currency <> lag(day.currency) over (
                partition by day.platform, day.account_id order by day.date
            ), false
        ) as is_first_of_currency
    from {{ ref('int_series_days') }} as day
    inner join reaches
        on
            day.platform = reaches.platform
            and day.account_id = reaches.account_id
            and day.date between reaches.from_date and reaches.to_date
),

days as (
    select
        day.* exclude (is_first_of_currency),
        -- The stretch of days that share a currency.
        sum(is_first_of_currency::integer) over (
            partition by platform, account_id order by date
            rows unbounded preceding
        ) as stretch,
        {% for name, (above, below) in ratios.items() -%}
            case
                when day.{{ above }} > 0 and day.{{ below }} >= 3
                    then ln(day.{{ above }} / day.{{ below }})
            end as ln_{{ name }},
        {% endfor -%}
        day.version_id is not null and not day.is_odd as is_known
    from currencies as day
),

-- The first baseline takes every day that no other rule finds odd.
first_look as (
    select
        *,
        {{ quartiles_before(ratios, money, 'is_known', 'first') }}
        sum(conversions) filter (where is_known) over before
        / nullif(sum(clicks) filter (where is_known) over before, 0) as first_rate,
        count(*) filter (where is_known and impressions > 0) over before as first_days,
        count(*) filter (where is_known and impressions > 0) over before_in_money
            as first_money_days
    from days
    window {{ windows }}
),

standing_out as (
    select
        *,
        is_known and not coalesce(
            first_days >= min_days
            and (
                abs(
                    sqrt(conversions + {{ root }})
                    - sqrt(first_rate * clicks + {{ root }})
                ) > {{ count_deviations }} * sqrt(dispersion)
                {% for name in ratios -%}
                    {% set seen = 'reservations' if name == 'value' else 'clicks' -%}
                    or (
                        {{ 'first_money_days >= min_days and' if name in money }}
                        abs(ln_{{ name }} - first_{{ name }}[2]) > greatest(
                            ln(2),
                            {{ ratio_deviations }} * sqrt(
                                greatest(
                                    (first_{{ name }}[3] - first_{{ name }}[1])
                                    / {{ normal_quartiles }},
                                    spread
                                ) ** 2
                                + dispersion / {{ seen }}
                            )
                        )
                    )
                {% endfor %}
            ),
            false
        ) as is_clean
    from first_look
),

-- The second leaves those out that stood out.
baselines as (
    select
        *,
        {{ quartiles_before(ratios, money, 'is_clean', 'usual') }}
        {% for measure in ['clicks'] + counts -%}
            {{ measure }} as {{ measure }}_1,
            {% for span in spans -%}
                {% if span > 1 -%}
                    sum({{ measure }}) over last_{{ span }} as {{ measure }}_{{ span }},
                {% endif -%}
                sum({{ measure }}) filter (where is_clean) over before_{{ span }}
                    as clean_{{ measure }}_{{ span }},
            {% endfor -%}
        {% endfor -%}
        {% for measure in amounts -%}
            {{ measure }} as {{ measure }}_1,
            {% if measure == 'impressions' -%}
                sum(impressions) over last_7 as impressions_7,
            {% else -%}
                -- A week in two currencies has no sum.
                if(
                    count(*) over last_7_in_money = count(*) over last_7,
                    sum({{ measure }}) over last_7, null
                ) as {{ measure }}_7,
            {% endif -%}
        {% endfor -%}
        {% for span in spans -%}
            count(*) filter (where is_clean and clicks > 0) over before_{{ span }}
                as days_before_{{ span }},
        {% endfor -%}
        max(spend) filter (where is_clean) over before_in_money as highest_spend,
        count(*) filter (where is_clean and impressions > 0) over before
            as history_days,
        count(*) filter (where is_clean and impressions > 0) over before_in_money
            as money_days
    from standing_out
    window {{ windows }}
)

select
    version_id,
    client_id,
    platform,
    account_id,
    date,
    currency,
    min_days,
    dispersion,
    spread,
    is_clean,
    spend,
    impressions,
    clicks,
    ln_ctr,
    {% for name in ratios -%}
        usual_{{ name }},
    {% endfor -%}
    {% for measure in amounts -%}
        {{ measure }}_1,
        {{ measure }}_7,
    {% endfor -%}
    {% for span in spans -%}
        clicks_{{ span }},
        days_before_{{ span }},
        {% for count in counts -%}
            {{ count }}_{{ span }},
            clean_{{ count }}_{{ span }} / nullif(clean_clicks_{{ span }}, 0)
                as {{ count }}_rate_{{ span }},
        {% endfor -%}
    {% endfor -%}
    highest_spend,
    history_days,
    money_days,
    history_hash
from baselines
semi join new_days
    on
        baselines.platform = new_days.platform
        and baselines.account_id = new_days.account_id
        and baselines.date = new_days.date
