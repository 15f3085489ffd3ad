"""The description of the interface, for programs: ``openapi.yml`` and what the code decides and refuses."""

from functools import cache
from pathlib import Path

import orjson
import yaml

from core.platforms import platforms
from serve.parameters import grains


@cache
def document() -> bytes:
    """Return the OpenAPI description as JSON."""
    told = yaml.safe_load((Path(__file__).with_suffix(".yml")).read_text(encoding="utf-8"))
    schemas = told["components"]["schemas"]
    schemas["Grain"]["enum"] = list(grains())
    schemas["Platform"]["enum"] = list(platforms())
    schemas["Field"]["enum"] = sorted({field for grain in grains().values() for field in grain.fields})
    refusals = {
        status: {"$ref": f"#/components/responses/{status}"} for status in told["components"]["responses"]
    }
    for path in told["paths"].values():
        for operation in path.values():
            operation["responses"] = refusals | operation["responses"]
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)
