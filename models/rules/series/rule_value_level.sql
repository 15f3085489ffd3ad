-- Reservations worth far more or less than the account's usually are, or nothing, on
-- one day or over a week: one row per version.
with spans as (
    select
        series.version_id,
        series.client_id,
        series.platform,
        series.account_id,
        series.date,
        series.currency,
        series.usual_value,
        series.spread,
        setting.parameters['factor'] as factor,
        setting.parameters['deviations'] as deviations,
        setting.parameters['min_reservations'] as min_reservations,
        {{ over_spans([1, 7], ['reservations', 'reservation_value']) }}
    from {{ ref('int_series') }} as series
    inner join {{ ref('int_rules') }} as setting
        on series.client_id = setting.client_id and setting.rule = 'value_level'
    where series.money_days >= series.min_days and series.usual_value[2] is not null
),

shifts as (
    select
        *,
        case
            when reservation_value > 0
                then ln(reservation_value / reservations) - usual_value[2]
        end as value_shift,
        sqrt(
            greatest((usual_value[3] - usual_value[1]) / 1.349, spread) ** 2
            + 1 / reservations
        ) as deviation
    from spans
    where reservations >= min_reservations
)

select
    'value_level' as rule,
    version_id,
    client_id,
    platform,
    account_id,
    null::varchar as campaign_id,
    date,
    'reservation_value' as metric,
    reservation_value::decimal(18, 2)::varchar as observed,
    format('about {:.2f}', exp(usual_value[2]) * reservations) as expected,
    format(
        '{:.1f} reservations of {} days are worth {:.2f} {} each; {:.2f} is usual',
        reservations, days, reservation_value / reservations, currency,
        exp(usual_value[2])
    ) as message
from shifts
where
    reservation_value = 0
    or (abs(value_shift) >= ln(factor) and abs(value_shift) >= deviations * deviation)
qualify row_number() over (partition by version_id order by days) = 1
