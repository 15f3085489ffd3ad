"""A sandbox of its own for these tests, standing still at one instant, without faults between tests."""

from collections.abc import Iterator

import pytest

from sandbox.process import SandboxProcess
from tests.python.sandbox.clients import NOW, Google, Meta


@pytest.fixture(scope="package")
def process() -> Iterator[SandboxProcess]:
    with SandboxProcess(now=NOW, seed=5) as running:
        yield running


@pytest.fixture
def box(process: SandboxProcess) -> Iterator[SandboxProcess]:
    process.forget()
    yield process
    process.clear()
    process.set_clock(NOW)


@pytest.fixture
def meta(box: SandboxProcess) -> Meta:
    return Meta(box)


@pytest.fixture
def google(box: SandboxProcess) -> Google:
    return Google(box)


@pytest.fixture(scope="session")
def named() -> dict[str, str]:
    """Account ids by a handle of the world's accounts."""
    from sandbox.data.world import load

    registry = load(5)
    found = {
        f"{account.platform}:{account.name}": account.account_id for account in registry.accounts.values()
    }
    return {
        "meta": found["meta:Grand Hotel Bałtyk"],
        "meta chain": found["meta:Meridian Hotels Group"],
        "meta yen": found["meta:Sakura Ryokan 桜"],
        "meta untracked": found["meta:The Highland Inn"],
        "meta new": found["meta:Hotel Nowy Port"],
        "google": found["google:Grand Hotel Bałtyk"],
        "google chain": found["google:Meridian Hotels Group"],
        "google untracked": found["google:The Highland Inn"],
        "google direct": found["google:Costa Azahar Beach Hotel"],
        "google left": found["google:Willa Stary Młyn"],
    }
