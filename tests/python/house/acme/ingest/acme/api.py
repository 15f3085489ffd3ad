"""Acme Ads as an object."""

from ingest.acme.source import Access, Settings, Source, failure_in
from ingest.platform import PlatformApi

API = PlatformApi(Settings, Source, Access, failure_in)
