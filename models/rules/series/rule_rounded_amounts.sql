-- Amounts that lost their decimals: one row per version of an account whose amounts
-- have them otherwise.
with amounts as (
    select
        *,
        case
            when amounts > 0 then (amount_factor % 100 = 0)::integer
        end as is_round
    from {{ ref('int_series_days') }}
    where {{ minor_unit('currency') }} < 1
),

-- Most accounts never had such a day: only the others are put in order.
days as (
    select amounts.*
    from amounts
    semi join amounts as round_day
        on
            amounts.platform = round_day.platform
            and amounts.account_id = round_day.account_id
            and round_day.is_round = 1
),

runs as (
    select
        *,
        sum(if(is_round = 1, amounts, 0)) over three_days as round_amounts,
        min(is_round) over three_days as all_round,
        avg(is_round) over before as usual,
        count(is_round) over before as known_days
    from days
    window
        three_days as (
            partition by platform, account_id, currency order by date
            rows between 2 preceding and current row
        ),
        before as (
            partition by platform, account_id, currency order by date
            rows between 56 preceding and 3 preceding
        )
)

select
    'rounded_amounts' as rule,
    runs.version_id,
    runs.client_id,
    runs.platform,
    runs.account_id,
    null::varchar as campaign_id,
    runs.date,
    'spend' as metric,
    runs.spend::varchar as observed,
    'amounts with decimals' as expected,
    'no campaign''s spend has decimals, and they had until now' as message
from runs
inner join {{ ref('int_rules') }} as setting
    on runs.client_id = setting.client_id and setting.rule = 'rounded_amounts'
where
    runs.is_round = 1
    and runs.known_days >= setting.parameters['min_days']
    and runs.usual < 0.1
    and (
        runs.amounts >= setting.parameters['min_amounts']
        or (
            runs.all_round = 1
            and runs.round_amounts >= setting.parameters['min_amounts']
        )
    )
