-- Rows that share what should tell them apart, in tables that are added up or shown.
-- One test of all of them: each costs a run what a model costs.
{%- set grains = {
    'int_delivery': ['version_id', 'campaign_id'],
    'int_conversions': ['version_id', 'campaign_id', 'action_id'],
    'int_versions': ['version_id'],
    'daily_kpi': ['client_id', 'platform', 'date'],
    'today_kpi': ['client_id', 'platform', 'date'],
    'campaign_daily_kpi': ['client_id', 'platform', 'account_id', 'campaign_id', 'date'],
    'daily_conversions': [
        'client_id', 'platform', 'account_id', 'campaign_id', 'date', 'action_id'
    ],
    'weekly_kpi': ['client_id', 'platform', 'week_start'],
    'monthly_kpi': ['client_id', 'platform', 'month'],
    'daily_kpi_reporting': ['client_id', 'platform', 'date'],
    'monthly_kpi_reporting': ['client_id', 'platform', 'month'],
    'invoice_match': ['client_id', 'platform', 'account_id', 'month'],
    'account_days': ['platform', 'account_id', 'date'],
    'findings': ['finding_id'],
    'incidents': ['incident_id'],
    'withheld_days': ['client_id', 'platform', 'date'],
    'agency_months': ['month', 'platform'],
    'client_months': ['client_id', 'platform', 'month', 'currency'],
    'campaign_months': [
        'client_id', 'platform', 'account_id', 'campaign_id', 'month'
    ],
} %}

{% for table, columns in grains.items() %}
    select
        '{{ table }}' as table_name,
        concat_ws(' ', {{ columns | join(', ') }}) as row_key,
        count(*) as times
    from {{ ref(table) }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
    {{ 'union all' if not loop.last }}
{% endfor %}
