{#- One of the `ratios` of dbt_project.yml, of the sums in `row`; NULL where there is
    nothing to divide by. -#}
{% macro ratio(cells, row) -%}
    (
        {{- cells.times ~ ' * ' if cells.times != 1 }}{{ row }}.{{ cells.sum }}
        / nullif({{ row }}.{{ cells.of }}, 0)
    )::double
{%- endmacro %}
