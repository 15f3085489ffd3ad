-- What the rules about judged days found: one row per finding, with the agency's
-- settings and waivers applied.
{{ config(materialized='ephemeral') }}

with rule_rows as (
    {{ rule_rows(ref('int_look_violations')) }}
)

select * from rule_rows
