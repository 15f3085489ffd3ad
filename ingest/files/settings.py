"""The settings of files as a source: ``sources.files``."""

from dlt.common.configuration import configspec

from ingest.client.source_spec import AdSource


@configspec
class Settings(AdSource):
    """``sources.files``; nothing is asked, so there is nothing to wait for."""

    api_version: str = "1"
    min_interval_seconds: float | None = 0.0
