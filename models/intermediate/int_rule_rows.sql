-- What the rules about versions and days found: one row per finding and version that
-- shows it, with the agency's settings and waivers applied.
with offending as (
    select * from {{ ref('int_offences') }}
    union all
    select * from {{ ref('int_series_offences') }}
),

rule_rows as (
    {{ rule_rows('offending') }}
)

select * from rule_rows
