{#- One line of agency/conversion_actions.csv to copy, as CSV between backticks: what has
    a comma, a quote or blanks at its edge is quoted, NULL is an empty cell, and days that
    mean "always" are left out. -#}
{% macro action_line(platform, client, action, kpi, basis, valid_from, valid_to) -%}
    {%- set special = "'[" ~ '",' ~ "\\r\\n]|^\\s|\\s$'" -%}
    '`' || concat_ws(
        ','
        {%- for field in (platform, client, action, kpi, basis) -%}
            , if(
                regexp_matches({{ field }}, {{ special }}),
                '"' || replace({{ field }}, '"', '""') || '"', coalesce({{ field }}, '')
            )
        {%- endfor -%}
        , coalesce(nullif({{ valid_from }}, date '0001-01-01')::varchar, '')
        , coalesce(nullif({{ valid_to }}, date '9999-12-31')::varchar, '')
    ) || '`'
{%- endmacro %}
