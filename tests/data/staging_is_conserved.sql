-- What staging typed of the versions that are shown is what is shown, per client,
-- platform and month: delivery in the campaign-days, and of the conversions each row
-- once and each primary count in full. Where a difference is waived, what is left of
-- the account's total is shown besides.
{% set measures = table_rows('measures') | selectattr('of_campaign') | list %}
{% set platforms = table_rows('platforms') %}

with shown as (
    select
        account_day.version_id,
        account_day.client_id,
        account_day.platform,
        date_trunc('month', account_day.date) as month
    from {{ ref('int_account_days') }} as account_day
    inner join {{ ref('int_client_days') }} as client_day
        on
            account_day.client_id = client_day.client_id
            and account_day.platform = client_day.platform
            and account_day.date = client_day.date
    where client_day.is_whole
),

delivery as (
    {% for platform in platforms -%}
        select * from {{ ref('stg_' ~ platform.name ~ '__campaign_days') }}
        union all by name
    {% endfor -%}
    select * from {{ ref('int_remainders') }}
),

conversions as (
    {% for platform in platforms -%}
        select
            version_id,
            conversions
        from {{ ref('stg_' ~ platform.name ~ '__conversions') }}
        union all
    {% endfor -%}
    select
        version_id,
        coalesce(conversions, 0) as conversions
    from {{ ref('int_remainders') }}
    where action_id <> ''
),

sides as (
    select
        shown.client_id,
        shown.platform,
        shown.month,
        {% for measure in measures -%}
            delivery.{{ measure.name }},
        {% endfor -%}
        0 as conversion_rows,
        0 as conversions
    from delivery
    inner join shown
        on delivery.version_id = shown.version_id
    union all
    select
        client_id,
        platform,
        date_trunc('month', date) as month,
        {% for measure in measures -%}
            -{{ measure.of_campaign }},
        {% endfor -%}
        0 as conversion_rows,
        0 as conversions
    from {{ ref('int_campaign_days') }}
    where is_whole
    union all
    select
        shown.client_id,
        shown.platform,
        shown.month,
        {% for measure in measures -%}
            0 as {{ measure.name }},
        {% endfor -%}
        1 as conversion_rows,
        conversions.conversions
    from conversions
    inner join shown
        on conversions.version_id = shown.version_id
    union all
    select
        client_id,
        platform,
        date_trunc('month', date) as month,
        {% for measure in measures -%}
            0 as {{ measure.name }},
        {% endfor -%}
        -1 as conversion_rows,
        -primary_conversions
    from {{ ref('daily_conversions') }}
)

select
    client_id,
    platform,
    month,
    {% for measure in measures -%}
        sum({{ measure.name }}) as {{ measure.name }},
    {% endfor -%}
    sum(conversion_rows) as conversion_rows,
    sum(conversions) as conversions
from sides
group by all
having
    sum(conversion_rows) <> 0
    or sum(conversions) <> 0
    {% for measure in measures -%}
        or sum({{ measure.name }}) <> 0
    {% endfor %}
