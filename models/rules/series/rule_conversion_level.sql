-- Conversions that are far more or fewer for the clicks than the account's own rate
-- makes likely: one row per version. What is none at all is another rule's.
{%- set spans = [1, 3, 7, 28] %}

with spans as (
    select
        version_id,
        client_id,
        platform,
        account_id,
        date,
        dispersion,
        min_days,
        unnest([
            {% for span in spans -%}
                {
                    'days': {{ span }}, 'days_before': days_before_{{ span }},
                    'observed': conversions_{{ span }},
                    'clicks': clicks_{{ span }},
                    'expected': conversions_rate_{{ span }} * clicks_{{ span }}
                }{{ ',' if not loop.last }}
            {% endfor %}
        ], recursive := true)
    from {{ ref('int_series') }}
    where
        -- Clicks themselves are as ever: a burst of clicks is another rule's.
        coalesce(abs(ln_ctr - usual_ctr[2]) < ln(2), true)
),

surprising as (
    select spans.*
    from spans
    inner join {{ ref('int_rules') }} as setting
        on spans.client_id = setting.client_id and setting.rule = 'conversion_level'
    where
        spans.days_before >= spans.min_days
        and spans.observed > 0
        and spans.expected > 0
        and (
            spans.observed >= setting.parameters['factor'] * spans.expected
            or spans.observed * setting.parameters['factor'] <= spans.expected
        )
        -- The root of an over-dispersed count deviates by half its dispersion's root,
        -- whatever its level. The rate drifts besides, further over a longer span.
        and 2 * abs(sqrt(spans.observed + 0.375) - sqrt(spans.expected + 0.375))
        >= setting.parameters['deviations'] * sqrt(
            spans.dispersion
            + setting.parameters['drift'] ** 2
            * (1 + spans.days / 14) * spans.expected
        )
    qualify row_number() over (
        partition by spans.version_id order by spans.days
    ) = 1
)

select
    'conversion_level' as rule,
    version_id,
    client_id,
    platform,
    account_id,
    null::varchar as campaign_id,
    date,
    'conversions' as metric,
    observed::varchar as observed,
    format('about {:.1f}', expected) as expected,
    format(
        '{:.1f} conversions on {} clicks of {} days, where about {:.0f} are usual',
        observed, clicks::bigint, days, expected
    ) as message
from surprising
