"""A rollback publishes an earlier release and holds later runs until it is unpinned."""

import shutil
from typing import Any

import pytest

from core.errors import UserError
from core.runs import Run
from publish import files, places, releases
from publish.publish import publish
from publish.rollback import rollback, unpin


def published(warehouse: Any) -> Run:
    run: Run = warehouse.begin()
    warehouse.build(run)
    assert publish(warehouse.settings, run).verdict == "published"
    return run


def current(warehouse: Any) -> str:
    return str(warehouse.query("select run_id from health.runs")[0][0])


def test_back_to_the_one_before_and_on_again(warehouse: Any) -> None:
    first, second = published(warehouse), published(warehouse)
    assert f"release {first.run_id} is published again and pinned, instead of {second.run_id}" in (
        rollback(warehouse.settings, None)
    )
    assert current(warehouse) == first.run_id
    figures = "from marts.daily_kpi order by all"
    assert warehouse.query(figures) == warehouse.query(figures, places.kept(warehouse.settings, first.run_id))
    assert warehouse.verdicts()[-1] == (first.run_id, "published")

    third = warehouse.begin()
    warehouse.build(third)
    held = publish(warehouse.settings, third)
    assert held.verdict == "held"
    assert "make unpin" in held.reason
    assert current(warehouse) == first.run_id
    assert warehouse.verdicts()[-1] == (third.run_id, "held")

    assert f"release {first.run_id} is no longer pinned" in unpin(warehouse.settings)
    assert unpin(warehouse.settings) == "nothing was pinned: runs publish as usual"
    fourth = published(warehouse)
    assert current(warehouse) == fourth.run_id


def test_back_to_a_named_one(warehouse: Any) -> None:
    first, second, third = published(warehouse), published(warehouse), published(warehouse)
    rollback(warehouse.settings, first.run_id)
    assert current(warehouse) == first.run_id
    rollback(warehouse.settings, third.run_id)
    assert current(warehouse) == third.run_id
    rollback(warehouse.settings, None)
    assert current(warehouse) == second.run_id
    assert releases.kept(warehouse.settings) == [first.run_id, second.run_id, third.run_id]


@pytest.mark.parametrize("to", ["nothing", "../landing", "", "*"])
def test_an_unknown_release_is_refused_with_those_that_are_kept(warehouse: Any, to: str) -> None:
    first = published(warehouse)
    with pytest.raises(UserError, match=f"no kept release of run '.*'; kept are {first.run_id}"):
        rollback(warehouse.settings, to)
    assert not places.pinned(warehouse.settings).exists()


def test_nothing_to_go_back_to(warehouse: Any) -> None:
    with pytest.raises(UserError, match="make run"):
        rollback(warehouse.settings, None)
    first = published(warehouse)
    with pytest.raises(UserError, match=f"no release before {first.run_id}"):
        rollback(warehouse.settings, None)


def test_a_damaged_release_is_not_published_again(warehouse: Any) -> None:
    first, second = published(warehouse), published(warehouse)
    kept = places.kept(warehouse.settings, first.run_id)
    kept.chmod(0o644)
    kept.write_bytes(b"damaged")
    with pytest.raises(UserError, match="readers keep what they have"):
        rollback(warehouse.settings, None)
    assert current(warehouse) == second.run_id
    assert not places.pinned(warehouse.settings).exists()


def test_a_rollback_that_cannot_write_pins_nothing(warehouse: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _, second = published(warehouse), published(warehouse)
    files.temporary(warehouse.settings.release).mkdir()
    monkeypatch.setattr("publish.rollback.reconcile", lambda _: [])  # it would find the folder in the way
    with pytest.raises(UserError, match="readers keep what they have"):
        rollback(warehouse.settings, None)
    assert current(warehouse) == second.run_id
    assert not places.pinned(warehouse.settings).exists()


def test_an_old_pinned_release_outlives_the_ten(warehouse: Any) -> None:
    first = published(warehouse)
    for _ in range(9):
        published(warehouse)
    rollback(warehouse.settings, first.run_id)
    shutil.copyfile(warehouse.settings.release, places.kept(warehouse.settings, "later-000099"))
    assert releases.prune(warehouse.settings, "later-000099") == []
    assert len(releases.kept(warehouse.settings)) == 11
    assert releases.kept(warehouse.settings)[0] == first.run_id


def test_a_pin_that_cannot_be_read_still_holds(warehouse: Any) -> None:
    published(warehouse)
    places.pinned(warehouse.settings).write_text("{")
    run = warehouse.begin()
    warehouse.build(run)
    assert publish(warehouse.settings, run).verdict == "held"
    assert "no longer pinned" in unpin(warehouse.settings)
