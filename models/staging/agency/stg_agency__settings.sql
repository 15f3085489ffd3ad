-- Settings of the agency: one row per line of its file, which may be missing.
select
    lower(setting) as setting,
    upper(value) as value
from ({{ agency_file('settings', ['setting', 'value'], optional=true) }})
