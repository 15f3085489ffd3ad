-- Days on which every figure is a multiple of one number, as a day that was counted
-- twice is: one row per version. Chance makes a count even as often as odd.
with days as (
    select
        *,
        greatest_common_divisor(
            count_factor,
            (amount_factor / (100 * {{ minor_unit('currency') }}))::bigint
        ) as factor,
        counts + amounts as cells
    from {{ ref('int_series_days') }}
    where figures is not null
),

surprising as (
    select
        *,
        cells * log2(factor) as bits,
        if(
            lag(date) over account = date - 1 and lag(factor) over account = factor,
            lag(cells) over account * log2(factor), 0
        ) as bits_before
    from days
    where factor > 1
    window account as (partition by platform, account_id order by date)
)

select
    'multiplied' as rule,
    surprising.version_id,
    surprising.client_id,
    surprising.platform,
    surprising.account_id,
    null::varchar as campaign_id,
    surprising.date,
    'day' as metric,
    format('{} figures, all multiples of {}', surprising.cells, surprising.factor)
        as observed,
    'figures without a common factor' as expected,
    format(
        'all {} figures of the day are multiples of {}, as if it was counted {} times',
        surprising.cells, surprising.factor, surprising.factor
    ) as message
from surprising
inner join {{ ref('int_rules') }} as setting
    on surprising.client_id = setting.client_id and setting.rule = 'multiplied'
where surprising.bits + surprising.bits_before >= setting.parameters['bits']
