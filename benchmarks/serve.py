"""The served site under load while releases swap; sizes of answers; the questions of docs/querying.md."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import duckdb
from uvloop import new_event_loop

from core.settings import ROOT
from sandbox.process import SandboxProcess

NOW = "2026-11-24T06:00:00+00:00"
TOKEN = "the-token-of-the-benchmark"  # noqa: S105 - of a server that lives for a minute
SECONDS = 10
SWAP_SECONDS = 2.0
# Clients at once, and the milliseconds that 95 of 100 answers may take.
LOADS = {50: 100, 1000: 500}
PATHS = ("/api/health", "/api/kpi?client={client}")
QUESTION_MILLISECONDS = 100


def bench(repeats: int) -> None:
    """Measure and print; ``repeats`` is how often the questions are asked, times ten."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = _installation(folder)
        with _server(env) as url, asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(_loads(url, folder / "warehouse" / "ads.duckdb"))
            runner.run(_sizes(url))
        _questions(folder / "warehouse" / "ads.duckdb", repeats * 10)


def _installation(folder: Path) -> dict[str, str]:
    """Run the example agency once; return the settings of its warehouse."""
    shutil.copytree(ROOT / "agency", folder / "agency")
    own = {name: str(folder / name.lower()) for name in ("WAREHOUSE", "SITE", "AGENCY")}
    env = os.environ | {f"WHOLEDAY_{name}": path for name, path in own.items()} | {"WHOLEDAY_NOW": NOW}
    with SandboxProcess(agency=folder / "agency", now=NOW) as sandbox:
        run = [sys.executable, "-m", "wholeday", "run"]
        done = subprocess.run(run, cwd=ROOT, env=env | sandbox.env, capture_output=True, check=False)
    if not (folder / "warehouse" / "ads.duckdb").exists():
        sys.exit(f"benchmarks: the run failed, nothing is measured\n{done.stderr.decode()}")
    return env


@contextmanager
def _server(env: dict[str, str]) -> Iterator[str]:
    served = env | {
        "WHOLEDAY_VIEWER_TOKENS": f"bench:{TOKEN}",
        "WHOLEDAY_SERVE_RATE": "1000000000/minute",
    }
    command = [sys.executable, "-m", "serve", "--port", "0"]
    server = subprocess.Popen(command, cwd=ROOT, env=served, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        found = re.search(r"http://\S+", server.stdout.readline())
        if found is None:
            sys.exit("benchmarks: the server did not start")
        yield found.group().rstrip("/")
    finally:
        server.terminate()
        server.wait()


async def _loads(url: str, release: Path) -> None:
    with duckdb.connect(str(release), read_only=True) as file:
        clients = [row[0] for row in file.execute("select client_id from marts.clients").fetchall()]
    paths = [path.format(client=client) for client in clients for path in PATHS]
    print(f"served, {len(set(paths))} questions in turn, a new release every {SWAP_SECONDS:.0f} s")
    for at_once, target in LOADS.items():
        swapping = asyncio.create_task(_swap(release))
        times, errors = await _load(url, paths, at_once)
        swapping.cancel()
        await asyncio.gather(swapping, return_exceptions=True)
        times.sort()
        p50, p95 = (1000 * times[int(len(times) * share)] for share in (0.5, 0.95))
        print(
            f"  {at_once:5} at once  p50 {p50:6.1f} ms  p95 {p95:6.1f} ms (target: {target})"
            f"  {len(times) / SECONDS:6.0f} answers/s  {errors} errors of {len(times):,}"
        )


async def _load(url: str, paths: list[str], at_once: int) -> tuple[list[float], int]:
    """Let ``at_once`` clients ask without a pause; return the seconds of each answer, and the errors."""
    times: list[float] = []
    errors = 0
    ends = time.perf_counter() + SECONDS
    connector, headers = aiohttp.TCPConnector(limit=0), {"authorization": f"Bearer {TOKEN}"}
    async with aiohttp.ClientSession(
        url, connector=connector, headers=headers, auto_decompress=False
    ) as session:

        async def client(number: int) -> None:
            nonlocal errors
            while (begun := time.perf_counter()) < ends:
                try:
                    async with session.get(paths[number % len(paths)]) as answer:
                        await answer.read()
                        errors += answer.status != 200
                except aiohttp.ClientError:
                    errors += 1
                times.append(time.perf_counter() - begun)
                number += 1

        await asyncio.gather(*map(client, range(at_once)))
    return times, errors


async def _swap(release: Path) -> None:
    """Replace the release by a copy of itself, again and again: every kept answer is void then."""
    copied = release.with_name("swapped.duckdb")
    while True:
        await asyncio.to_thread(shutil.copyfile, release, copied)
        copied.replace(release)
        await asyncio.sleep(SWAP_SECONDS)


async def _sizes(url: str) -> None:
    asked = ("/", "/api/health", "/api/kpi", "/api/kpi?from=2025-12-01", "/metrics")
    print("sizes of answers, plain and compressed")
    async with aiohttp.ClientSession(
        url, headers={"authorization": f"Bearer {TOKEN}"}, auto_decompress=False
    ) as session:
        for path in asked:
            sizes = []
            for encoding in ("identity", "gzip"):
                async with session.get(path, headers={"accept-encoding": encoding}) as answer:
                    sizes.append(len(await answer.read()))
            plain, small = sizes
            print(f"  {path:28} {plain:10,} → {small:9,} bytes  ({small / plain:.0%})")


def _questions(release: Path, times: int) -> None:
    text = (ROOT / "docs" / "querying.md").read_text(encoding="utf-8")
    questions = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    print(f"the {len(questions)} questions of docs/querying.md, {times} times each")
    with duckdb.connect(str(release), read_only=True) as file:
        for number, sql in enumerate(questions, start=1):
            seconds = []
            for _ in range(times):
                begun = time.perf_counter()
                rows = len(file.execute(sql).fetchall())
                seconds.append(time.perf_counter() - begun)
            p95 = 1000 * sorted(seconds)[int(len(seconds) * 0.95)]
            print(f"  {number:2}  {rows:6,} rows  p95 {p95:6.1f} ms (target: {QUESTION_MILLISECONDS})")
