"""dbt in a process of many runs: what it makes of the same project again is remembered.

What a model says is executed in every run. Remembered is only what dbt does in Python before that: parsing,
rendering a model that depends on nothing but the project, and putting ephemeral models into others.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from dbt import compilation
from dbt.artifacts.resources.v1.components import InjectedCTE
from dbt.compilation import Compiler, inject_ctes_into_sql
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import ParsedNode
from dbt_common.events import base_types
from dbt_common.events.event_manager import EventManager

from core.settings import Settings
from wholeday import build
from wholeday.dbt import Dbt

_render: Callable[..., Any] = Compiler._compile_code


class _Parsed:
    """The parsed project; every build gets a copy, since dbt writes into what it compiles."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Path], tuple[Dbt, Manifest]] = {}

    def __call__(self, settings: Settings, target: str, target_folder: Path) -> Dbt:
        key = (target, target_folder)
        if key not in self._kept:
            dbt = Dbt(settings, target, target_folder)
            manifest = dbt._manifest
            assert manifest is not None
            self._kept[key] = dbt, manifest
        dbt, manifest = self._kept[key]
        dbt = copy.copy(dbt)
        dbt._manifest = manifest.deepcopy()
        return dbt


class _Rendered:
    """The SQL of models that read neither a variable nor what the candidate already holds."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, list[InjectedCTE]]] = {}

    def __call__(self, compiler: Compiler, node: Any, manifest: Manifest, extra: Any = None) -> Any:
        if not self._is_always_the_same(node):
            return _render(compiler, node, manifest, extra)
        if node.unique_id not in self._kept:
            node = _render(compiler, node, manifest, extra)
            self._kept[node.unique_id] = node.compiled_code, list(node.extra_ctes)
        node.compiled_code, ctes = self._kept[node.unique_id]
        node.extra_ctes = [copy.copy(cte) for cte in ctes]
        node.compiled = True
        return node

    @staticmethod
    def _is_always_the_same(node: Any) -> bool:
        return (
            node.resource_type == "model"
            and node.config.materialized in ("table", "ephemeral")
            and node.schema != "staging"
        )


class _Injected:
    """What becomes of a model and the ephemeral ones in it: dbt parses the SQL to find its first word."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, ...], str] = {}

    def __call__(self, sql: str, ctes: list[InjectedCTE]) -> str:
        key = (sql, *(part for cte in ctes for part in (cte.id, cte.sql)))
        if key not in self._kept:
            self._kept[key] = inject_ctes_into_sql(sql, ctes)
        return self._kept[key]


@contextmanager
def quick_dbt() -> Iterator[None]:
    """Let every build of this process be quick."""
    rendered = _Rendered()
    with ExitStack() as stack:
        stack.enter_context(patch.object(build, "Dbt", _Parsed()))
        stack.enter_context(
            patch.object(Compiler, "_compile_code", lambda *given, **named: rendered(*given, **named))
        )
        stack.enter_context(patch.object(compilation, "inject_ctes_into_sql", _Injected()))
        # Files and messages without readers: a sixth of a build.
        stack.enter_context(patch.object(ParsedNode, "write_node", lambda *_, **__: None))
        stack.enter_context(patch.object(base_types, "ParseDict", lambda _, message: message))
        stack.enter_context(patch.object(EventManager, "fire_event", lambda *_, **__: None))
        yield
