-- No conversions where chance cannot explain it: one row per version and measure,
-- judged by the clicks of the last days and the account's own conversion rate. The
-- number is negative binomial, so that none at all has the probability
-- dispersion ** (-expected / (dispersion - 1)).
{%- set counts = ['conversions', 'click_to_call', 'email_contacts', 'reservations'] %}
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
            {% for count in counts -%}
                {% set outer = loop %}
                {%- for span in spans -%}
                    {
                        'metric': '{{ count }}', 'days': {{ span }},
                        'days_before': days_before_{{ span }},
                        'observed': {{ count }}_{{ span }},
                        'clicks': clicks_{{ span }},
                        'expected': {{ count }}_rate_{{ span }} * clicks_{{ span }}
                    }{{ ',' if not (loop.last and outer.last) }}
                {% endfor %}
            {%- endfor %}
        ], recursive := true)
    from {{ ref('int_series') }}
    where
        false
        {% for count in counts -%}
            {% for span in spans -%}
                or ({{ count }}_{{ span }} = 0 and {{ count }}_rate_{{ span }} > 0)
            {% endfor -%}
        {% endfor %}
),

surprising as (
    select spans.*
    from spans
    inner join {{ ref('int_rules') }} as setting
        on spans.client_id = setting.client_id and setting.rule = 'zero_conversions'
    where
        spans.observed = 0
        and spans.days_before >= spans.min_days
        and spans.expected * log10(spans.dispersion) / (spans.dispersion - 1)
        >= setting.parameters['surprise']
    qualify row_number() over (
        partition by spans.version_id, spans.metric order by spans.days
    ) = 1
)

select
    'zero_conversions' as rule,
    version_id,
    client_id,
    platform,
    account_id,
    null::varchar as campaign_id,
    date,
    metric,
    '0' as observed,
    format('about {:.1f}', expected) as expected,
    format(
        'no {} on {} clicks of {} days, where about {:.0f} were to be expected',
        replace(metric, '_', ' '), clicks::bigint, days, expected
    ) as message
from surprising
