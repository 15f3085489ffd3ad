{#- Groups whose sums are not those of the relation `of` that the model was made of.
    Groups and measures are expressions; a side without rows counts as zero. -#}
{% test conserves(
    model, of, by, measures, of_by=none, of_measures=none, where='true', of_where='true'
) %}
select
    grouped_by,
    measure,
    sum(amount) as difference
from (
    {% for measure in measures %}
        select
            [{{ by | join('::varchar, ') }}::varchar] as grouped_by,
            '{{ loop.index }}' as measure,
            ({{ measure }})::decimal(38, 6) as amount
        from {{ model }}
        where {{ where }}
        union all
        select
            [{{ (of_by or by) | join('::varchar, ') }}::varchar] as grouped_by,
            '{{ loop.index }}' as measure,
            -({{ (of_measures or measures)[loop.index0] }})::decimal(38, 6) as amount
        from {{ of }}
        where {{ of_where }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)
group by all
having sum(amount) <> 0
{% endtest %}
