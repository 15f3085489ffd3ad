{#- The parts of a quality score; a score is their sum. -#}
{% macro score_parts() -%}
    {{ return(['completeness', 'split', 'freshness', 'consistency', 'reconciliation']) }}
{%- endmacro %}
