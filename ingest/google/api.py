"""Google Ads as an object."""

from ingest.google.access import Access
from ingest.google.source import Settings, Source, failure_in
from ingest.platform import PlatformApi

API = PlatformApi(Settings, Source, Access, failure_in)
