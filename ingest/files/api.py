"""Files as an object."""

from ingest.files.plan import Reading
from ingest.files.settings import Settings
from ingest.files.source import Access, Source, failure_in
from ingest.platform import PlatformApi

API = PlatformApi(Settings, Source, Access, failure_in, read=Reading.of)
