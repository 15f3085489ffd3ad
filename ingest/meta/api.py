"""Meta Ads as an object."""

from ingest.meta.access import Access
from ingest.meta.source import Settings, Source, failure_in, usage_in
from ingest.platform import PlatformApi

API = PlatformApi(Settings, Source, Access, failure_in, usage_in)
