"""What a release says to Prometheus: one source for ``site/metrics.prom`` and the served ``/metrics``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import structlog
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily

from core.settings import Settings

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class _Collector:
    """The samples of one release, for ``prometheus_client``, which knows how to write them."""

    def __init__(self, families: list[tuple[str, str, list[dict[str, Any]]]]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        for name, told, samples in self._families:
            family = GaugeMetricFamily(name, told)
            for sample in samples:
                family.add_sample(name, sample["labels"], sample["value"])
            yield family


def text(release: duckdb.DuckDBPyConnection) -> bytes:
    """Return the metrics of the release that ``release`` has open, in Prometheus's text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(release.execute(_SQL).fetchall()))
    return generate_latest(registry)


def write(settings: Settings) -> None:
    """Write ``site/metrics.prom`` of the published release, in one step, for a textfile collector.

    Raises ``OSError`` where the site cannot be written. A release that lacks something, since an older
    wholeday built it, leaves the file as it was.
    """
    try:
        with duckdb.connect(str(settings.release), read_only=True) as release:
            found = text(release)
    except duckdb.Error as problem:
        structlog.get_logger().warning("no metrics", problem=str(problem).splitlines()[0])
        return
    target = settings.site / "metrics.prom"
    prepared = target.with_name(f".{target.name}.tmp")
    prepared.write_bytes(found)
    prepared.replace(target)
