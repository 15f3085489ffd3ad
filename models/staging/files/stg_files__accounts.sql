-- Accounts of files as the last run that read them knew them: one row per account, with
-- when a file is expected and which of its files were refused.
{{ config(tags=['ledger']) }}
{% set accounts = source('inbox', 'inbox_accounts') %}
{% set files = source('inbox', 'inbox_files') %}

with
{% if execute and load_relation(accounts) is none -%}
    accounts as (
        select
            '' as account_id,
            false as in_total,
            0 as expected_weekday,
            0 as expected_hour,
            null::struct(name varchar, problem varchar, since timestamptz)[]
                as refused
        where false
    )
{%- else -%}
    runs as (
        select
            run_id,
            number
        from {{ source('journal', 'runs') }}
        where started_at <= (select as_of from {{ ref('stg_run') }})
    ),

    last_runs as (
        select
            account.account_id,
            arg_max(account.run_id, runs.number) as run_id
        from {{ accounts }} as account
        inner join runs
            on account.run_id = runs.run_id
        group by account.account_id
    ),

    refused as (
        select
            file.account_id,
            last_runs.run_id,
            list({
                'name': file.name, 'problem': file.problem,
                'since': (
                    select min(earlier.read_at) from {{ files }} as earlier
                    where
                        earlier.account_id = file.account_id
                        and earlier.name = file.name
                        and earlier.content = file.content
                )
            } order by file.name) as refused
        from {{ files }} as file
        inner join last_runs
            on
                file.account_id = last_runs.account_id
                and file.run_id = last_runs.run_id
        where file.problem is not null
        group by all
    ),

    accounts as (
        select
            account.account_id,
            account.in_total,
            account.expected_weekday,
            account.expected_hour,
            coalesce(refused.refused, []) as refused
        from {{ accounts }} as account
        inner join last_runs
            on
                account.account_id = last_runs.account_id
                and account.run_id = last_runs.run_id
        left join refused
            on account.account_id = refused.account_id
    )
{%- endif %}

select * from accounts
