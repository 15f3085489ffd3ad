{#- Rows that share what should tell them apart. -#}
{% test unique_grain(model, columns) %}
select {{ columns | join(', ') }}, count(*) as times
from {{ model }}
group by all
having count(*) > 1
{% endtest %}
