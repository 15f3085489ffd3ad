"""``make soak``: readers, runs, healing and event streams for half an hour; what the server holds on to."""

import argparse
import asyncio
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from core.settings import ROOT
from sandbox.process import SandboxProcess

READERS = 50
RUN_SECONDS = 180
STREAMS = 2
SAMPLE_SECONDS = 5
# A reader looks at a page for so long, on average.
PAUSE_SECONDS = 0.5
# Of the time, so much passes before memory is watched: what is kept fills up.
WARM_UP = 1 / 3
MOST_MB_A_MINUTE = 1.0
# A release that is left, and a connection that is opened again, may be seen at the moment of a look.
MOST_MORE_FILES = 3
VIEWER, BOUND, OPERATOR = "viewer-of-the-soak-01", "bound-viewer-of-the-soak", "operator-of-the-soak-01"
PATHS = (
    *(
        "/",
        "/api/health",
        "/api/kpi",
        "/api/kpi?grain=month",
        "/api/kpi?client={client}",
        "/metrics",
        "/badge.svg",
    ),
    *("/reports/{client}/index.html", "/reports/{client}/{client}-days.csv", "/data_docs/index.html"),
    *("/api/health/{client}", "/health.json"),
)
OF_BOUND = ("/", "/api/kpi", "/api/health", "/badge.svg", "/reports/{bound}/index.html")


@dataclass
class Soak:
    """What was seen: answers, errors, and (minutes, MB, open files) of the server."""

    env: dict[str, str]
    url: str
    pid: int
    clients: list[str]
    ends: float
    answers: int = 0
    runs: int = 0
    healed: int = 0
    errors: list[str] = field(default_factory=list)
    samples: list[tuple[float, float, int]] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether the time has passed."""
        return time.monotonic() > self.ends

    async def all(self) -> None:
        """Let everyone do what they do until the time has passed."""
        async with aiohttp.ClientSession(self.url, timeout=aiohttp.ClientTimeout(total=120)) as session:
            await asyncio.gather(
                *(self._reads(session, number) for number in range(READERS)),
                self._runs(),
                self._heals(session),
                self._samples(),
            )

    async def _reads(self, session: aiohttp.ClientSession, number: int) -> None:
        drawn = random.Random(number)  # noqa: S311 - not a secret
        is_bound = number % 2 == 1
        known: dict[str, str] = {}
        while not self.is_over:
            path = drawn.choice(OF_BOUND if is_bound else PATHS)
            path = path.format(client=drawn.choice(self.clients), bound=self.clients[0])
            headers = {"authorization": f"Bearer {BOUND if is_bound else VIEWER}"}
            if path in known and drawn.random() < 0.5:
                headers["if-none-match"] = known[path]
            await self._ask(session, path, headers, known)
            await asyncio.sleep(drawn.expovariate(1 / PAUSE_SECONDS))

    async def _ask(
        self, session: aiohttp.ClientSession, path: str, headers: dict[str, str], known: dict[str, str]
    ) -> None:
        try:
            async with session.get(path, headers=headers) as answer:
                await answer.read()
                self.answers += 1
                if answer.status not in (200, 304):
                    self.errors.append(f"{path}: {answer.status}")
                if tag := answer.headers.get("etag"):
                    known[path] = tag
        except (aiohttp.ClientError, TimeoutError) as problem:
            self.errors.append(f"{path}: {type(problem).__name__}")

    async def _runs(self) -> None:
        while not self.is_over:
            begun = time.monotonic()
            run = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "wholeday", "run", cwd=ROOT, env=self.env,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            )  # fmt: skip
            _, said = await run.communicate()
            if run.returncode in (0, 1):
                self.runs += 1
            elif b"is working on" not in said:  # a backfill has the warehouse: the next one comes
                self.errors.append(f"run: status {run.returncode}: {said.decode()[-200:]}")
            await self._until(begun + RUN_SECONDS)

    async def _heals(self, session: aiohttp.ClientSession) -> None:
        drawn, headers = random.Random(0), {"authorization": f"Bearer {OPERATOR}"}  # noqa: S311 - no secret
        while not self.is_over:
            day = (datetime.now(UTC) - timedelta(days=drawn.randint(2, 20))).date().isoformat()
            body = json.dumps({"client": drawn.choice(self.clients), "from": day, "to": day})
            async with session.post("/api/backfill", data=body, headers=headers) as answer:
                if answer.status != 202:
                    self.errors.append(f"healing: {answer.status}")
                    return
                events = f"{answer.headers['location']}/events"
            last = await asyncio.gather(*(self._follow(session, events, headers) for _ in range(STREAMS)))
            self.healed += last[0] == "end"
            await self._until(time.monotonic() + 20)

    async def _follow(self, session: aiohttp.ClientSession, events: str, headers: dict[str, str]) -> str:
        name, patient = "", aiohttp.ClientTimeout(total=None)
        async with session.get(events, headers=headers, timeout=patient) as stream:
            async for line in stream.content:
                if line.startswith(b"event: "):
                    name = line.decode().removeprefix("event: ").strip()
        return name

    async def _samples(self) -> None:
        begun = time.monotonic()
        while not self.is_over:
            status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
            memory = int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024
            files = sum(1 for _ in Path(f"/proc/{self.pid}/fd").iterdir())
            self.samples.append(((time.monotonic() - begun) / 60, memory, files))
            await asyncio.sleep(SAMPLE_SECONDS)

    async def _until(self, instant: float) -> None:
        await asyncio.sleep(max(0.0, min(instant, self.ends) - time.monotonic()))

    def told(self) -> int:
        """Print what was seen; return 1 if it is more than may be."""
        watched = [one for one in self.samples if one[0] >= self.samples[-1][0] * WARM_UP]
        minutes, memory, files = (list(column) for column in zip(*watched, strict=True))
        slope = statistics.linear_regression(minutes, memory).slope
        third = max(1, len(files) // 3)
        more = statistics.median(files[-third:]) - statistics.median(files[:third])
        print(f"  {self.answers:,} answers, {self.runs} runs, {self.healed} days healed")
        print(f"  {len(self.errors)} errors")
        print(
            f"  memory {memory[0]:.0f} → {memory[-1]:.0f} MB, {slope:+.2f} MB a minute"
            f" (target: < {MOST_MB_A_MINUTE})"
        )
        print(
            f"  open files {min(files)} to {max(files)}, {more:+.0f} in the end (target: ±{MOST_MORE_FILES})"
        )
        for error in self.errors[:10]:
            print(f"  {error}")
        return int(bool(self.errors) or slope >= MOST_MB_A_MINUTE or abs(more) > MOST_MORE_FILES)


def soak(minutes: float) -> int:
    """Prepare an installation and a server, and soak it."""
    with tempfile.TemporaryDirectory() as name, SandboxProcess(agency=ROOT / "agency") as sandbox:
        folder = Path(name)
        shutil.copytree(ROOT / "agency", folder / "agency")
        own = {f"WHOLEDAY_{room}": str(folder / room.lower()) for room in ("WAREHOUSE", "SITE", "AGENCY")}
        env = os.environ | sandbox.env | own | {"WHOLEDAY_API": "sandbox"}
        subprocess.run(
            [sys.executable, "-m", "wholeday", "run"], cwd=ROOT, env=env, capture_output=True, check=False
        )
        clients = sorted(path.parent.name for path in (folder / "site" / "reports").glob("*/index.html"))
        if not clients:
            sys.exit("benchmarks: the first run failed, nothing is measured")
        tokens = {
            "WHOLEDAY_VIEWER_TOKENS": f"desk:{VIEWER} one:{BOUND}@{clients[0]}",
            "WHOLEDAY_OPERATOR_TOKENS": f"anna:{OPERATOR}",
            "WHOLEDAY_SERVE_RATE": "1000000/minute",
        }
        command = [sys.executable, "-m", "serve", "--port", "0"]
        with subprocess.Popen(
            command, cwd=ROOT, env=env | tokens, stdout=subprocess.PIPE, text=True
        ) as server:
            assert server.stdout is not None
            url = server.stdout.readline().split()[1].rstrip("/")
            found = Soak(env, url, server.pid, clients, time.monotonic() + minutes * 60)
            print(
                f"soak, {minutes:g} minutes: {READERS} readers, a run every {RUN_SECONDS} s, an operator",
                flush=True,
            )
            try:
                asyncio.run(found.all())
            finally:
                server.terminate()
                with suppress(subprocess.TimeoutExpired):
                    server.wait(timeout=30)
        return found.told()


def main() -> None:
    """Soak for as long as was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    sys.exit(soak(parser.parse_args().minutes))


if __name__ == "__main__":
    main()
