{#- Sums of a day and of the days up to it, a row for each of `spans` (in days): the
    columns `<measure>_<span>` of int_series as `<measure>`, with the span as `days`. -#}
{% macro over_spans(spans, measures) -%}
    unnest([
        {% for span in spans -%}
            {
                'days': {{ span }}
                {%- for measure in measures -%}
                    , '{{ measure }}': {{ measure }}_{{ span }}
                {%- endfor -%}
            }{{ ',' if not loop.last }}
        {% endfor %}
    ], recursive := true)
{%- endmacro %}
