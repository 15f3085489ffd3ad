{#- Groups whose sums are not those of the relation `of` that the model was made of. Groups and measures are expressions
    over either side; a side without rows counts as zero. -#}
{% test conserves(model, of, by, measures, of_by=none, of_measures=none, where='true', of_where='true') %}
select
    {% for group in by %}group_{{ loop.index }}, {% endfor %}
    {% for measure in measures %}sum(measure_{{ loop.index }}) as difference_{{ loop.index }}, {% endfor %}
from (
    select
        {% for group in by %}{{ group }} as group_{{ loop.index }}, {% endfor %}
        {% for measure in measures %}{{ measure }} as measure_{{ loop.index }}, {% endfor %}
    from {{ model }} where {{ where }}
    union all
    select
        {% for group in of_by or by %}{{ group }}, {% endfor %}
        {% for measure in of_measures or measures %}-({{ measure }}), {% endfor %}
    from {{ of }} where {{ of_where }}
)
group by all
having {% for measure in measures %}difference_{{ loop.index }} <> 0{{ ' or ' if not loop.last }}{% endfor %}
{% endtest %}
