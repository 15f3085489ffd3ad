-- Settings of rules and checks that hold where the agency's file says nothing: one row
-- per rule and parameter, as in dbt_project.yml. A rule that a file forgets still
-- judges.
with defaults (rule, severity, blocks, parameter, value) as (
    values
    {% for rule in table_rows('rules') -%}
        {%- set is_last = loop.last -%}
        {%- for parameter, value in rule.get('parameters', {none: 'null'}).items() %}
            (
                '{{ rule.name }}', '{{ rule.severity }}', '{{ rule.blocks or 'no' }}',
                {{ "'" ~ parameter ~ "'" if parameter else 'null' }}, {{ value }}
            ){{ ',' if not (is_last and loop.last) }}
        {% endfor -%}
    {% endfor %}
)

select
    rule,
    severity,
    blocks,
    parameter,
    value::double as value
from defaults
