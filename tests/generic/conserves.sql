{#- Groups whose sums are not those of the relation `of` that the model was made of.
    Groups and measures are expressions; a side without rows counts as zero. -#}
{% test conserves(
    model, of, by, measures, of_by=none, of_measures=none, where='true', of_where='true'
) %}
{%- set sides = [
    (model, by, measures, where, ''),
    (of, of_by or by, of_measures or measures, of_where, '-'),
] -%}
with sides as (
    {% for relation, groups, amounts, condition, sign in sides %}
        select
            {% for group in groups -%}
                {{ group }} as group_{{ loop.index }},
            {% endfor -%}
            {% for amount in amounts -%}
                {{ sign }}sum({{ amount }}) as sum_{{ loop.index }},
            {% endfor -%}
            count(*) as row_count
        from {{ relation }}
        where {{ condition }}
        group by {{ range(1, (groups | length) + 1) | join(', ') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    {% for group in by -%}
        group_{{ loop.index }},
    {% endfor -%}
    {% for measure in measures -%}
        sum(sum_{{ loop.index }}) as difference_{{ loop.index }},
    {% endfor -%}
    sum(row_count) as row_count
from sides
group by {{ range(1, (by | length) + 1) | join(', ') }}
having
    {% for measure in measures -%}
        sum(sum_{{ loop.index }}) <> 0 {{ 'or' if not loop.last }}
    {% endfor %}
{% endtest %}
