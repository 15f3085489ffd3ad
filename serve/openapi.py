"""The description of the interface, for programs: ``openapi.yml``, with the lists that the code decides."""

from functools import cache
from pathlib import Path

import orjson
import yaml

from serve.parameters import GRAINS, PLATFORMS


@cache
def document() -> bytes:
    """Return the OpenAPI description as JSON."""
    told = yaml.safe_load((Path(__file__).with_suffix(".yml")).read_text(encoding="utf-8"))
    schemas = told["components"]["schemas"]
    schemas["Grain"]["enum"] = list(GRAINS)
    schemas["Platform"]["enum"] = list(PLATFORMS)
    schemas["Field"]["enum"] = sorted({field for grain in GRAINS.values() for field in grain.fields})
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)
