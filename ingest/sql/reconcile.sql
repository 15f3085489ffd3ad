-- Days whose campaigns do not add up to the account's own totals. Reads the relation `measured`: one row per value that
-- a campaign (side 1) or an account (side -1) has for a measure on a day; `slack` is what each campaign's value may be off
-- by for having been rounded, `tolerance` what the sum may be off by in any case.
with summed as (
    select
        part,
        date,
        measure,
        key,
        sum(side * try_cast(value as double)) as difference,
        any_value(tolerance) + any_value(slack) * (1 + count(*) filter (where side = 1)) as allowed
    from measured
    group by all
)

select distinct part, date
from summed
-- Doubles are exact for counts; what is left of adding up cents is far below the smallest of them.
where abs(difference) > allowed + 0.000001;
