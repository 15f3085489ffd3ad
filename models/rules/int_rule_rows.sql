-- What the rules about versions and days found: one row per finding and version that
-- shows it, with the agency's settings and waivers applied.
with violating as (
    select * from {{ ref('int_violations') }}
    union all
    select * from {{ ref('int_series_violations') }}
),

rule_rows as (
    {{ rule_rows('violating') }}
)

select * from rule_rows
