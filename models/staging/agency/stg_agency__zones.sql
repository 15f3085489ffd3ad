-- Names of time zones that are links to another name of the same zone (IANA): one row
-- per link.
select
    name,
    zone
from ({{ agency_file('zones', ['name', 'zone'], optional=true) }})
