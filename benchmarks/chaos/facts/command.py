"""``python -m benchmarks.chaos facts``: histories of facts that change, each job in its own process."""

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path

from benchmarks.chaos.facts.plan import CHANGES, Plan, draw
from benchmarks.chaos.facts.sequence import Lab, Outcome, perform

SEED = 20261201
AGAIN = "make chaos PART=facts SEQUENCES=1 SEED="
ENOUGH = 50
"""How often each transition has to happen in 300 histories."""

_LABS: list[Lab] = []


def main(arguments: Sequence[str]) -> int:
    """Perform the histories; 1 if anything is not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos facts", description=__doc__)
    parser.add_argument("--sequences", type=int, default=300)
    parser.add_argument("--seed", type=int, default=SEED, help="of the first history; the next have the next")
    parser.add_argument(
        "--jobs", type=int, default=2, help="histories side by side, each with its own sandbox"
    )
    parser.add_argument(
        "--shrink", action="store_true", help="drop what a wrong history does not need, and tell what is left"
    )
    asked = parser.parse_args(arguments)
    began = time.monotonic()
    plans = [draw(seed) for seed in range(asked.seed, asked.seed + asked.sequences)]
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="facts-") as folder:
        for outcome in outcomes_of(plans, Path(folder), min(asked.jobs, len(plans))):
            outcomes.append(outcome)
            _tell(outcome, len(outcomes), len(plans))
        if asked.shrink:
            for outcome in [one for one in outcomes if one.wrong]:
                small = _shrunk(outcome, Path(folder))
                print(f"smallest of seed {outcome.plan.seed}: {small.plan}")
                print("\n".join(f"           {problem}" for problem in small.wrong), flush=True)
    print("\n".join(_tally(outcomes)))
    print(f"  time  {(time.monotonic() - began) / 60:.1f} min")
    return int(any(one.wrong for one in outcomes))


def outcomes_of(plans: list[Plan], folder: Path, jobs: int) -> Iterator[Outcome]:
    """Perform ``plans``, ``jobs`` at a time; yield each outcome as its history ends."""
    # dbt and the settings of a run belong to a process, so histories side by side need one each.
    pool = ProcessPoolExecutor(
        jobs, multiprocessing.get_context("spawn"), initializer=_open_lab, initargs=(folder,)
    )
    with pool:
        histories = [pool.submit(_performed, plan) for plan in plans]
        try:
            for history in as_completed(histories):
                yield history.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _open_lab(folder: Path) -> None:
    # The sandbox ends with this process.
    lab = Lab(Path(tempfile.mkdtemp(dir=folder)))
    _LABS.append(lab.__enter__())


def _performed(plan: Plan) -> Outcome:
    return perform(plan, _LABS[0])


def _shrunk(outcome: Outcome, folder: Path) -> Outcome:
    """Leave out steps and changes for as long as the first problem, or one of its kind, stays."""
    kind = _kind(outcome.wrong[0])
    with ExitStack() as stack:
        lab = stack.enter_context(Lab(Path(tempfile.mkdtemp(dir=folder))))
        while (smaller := _one_smaller(outcome, kind, lab)) is not None:
            outcome = smaller
    return outcome


def _one_smaller(outcome: Outcome, kind: str, lab: Lab) -> Outcome | None:
    tried = (perform(plan, lab) for plan in _smaller(outcome.plan))
    return next((one for one in tried if kind in map(_kind, one.wrong)), None)


def _smaller(plan: Plan) -> Iterator[Plan]:
    for index, step in enumerate(plan.steps):
        yield plan.without(index)
        if len(step.changes) > 1:
            yield from (plan.without(index, change) for change in range(len(step.changes)))


def _kind(problem: str) -> str:
    return problem.split(": ")[1]


def _tell(outcome: Outcome, number: int, histories: int) -> None:
    verdict = "WRONG" if outcome.wrong else "right"
    print(f"{number:4}/{histories} {verdict:5} {outcome.plan} ({outcome.seconds:.0f} s)", flush=True)
    for problem in outcome.wrong:
        print(f"           {problem}", flush=True)
    if outcome.wrong:
        print(f"           again: {AGAIN}{outcome.plan.seed}", flush=True)


def _tally(outcomes: list[Outcome]) -> list[str]:
    happened: Counter[str] = sum((one.happened for one in outcomes), Counter())
    edits: Counter[str] = sum((one.edits for one in outcomes), Counter())
    looked: Counter[str] = sum((one.looked for one in outcomes), Counter())
    wrong = [one for one in outcomes if one.wrong]
    kinds = Counter(kind for one in wrong for kind in {_kind(problem) for problem in one.wrong})
    lines = [
        f"facts: {len(outcomes)} histories, {sum(one.runs for one in outcomes)} runs,"
        f" {sum(one.plan.real for one in outcomes)} histories by commands",
        f"  histories in which anything is wrong    {len(wrong):6}   (target: 0)",
        "  transitions                             "
        + ", ".join(f"{name} {happened[name]}" for name in (*CHANGES, "outage")),
        f"  edits that were advised                 {_listed(edits) or 'none'}",
    ]
    enough = ENOUGH * len(outcomes) / 300
    if few := [name for name in (*CHANGES, "outage") if happened[name] < enough]:
        lines.append(f"  too few of                              {', '.join(few)}")
    lines += [f"  {name:55} {count:9,}" for name, count in sorted(looked.items())]
    lines += [f"  wrong: {kind:48} {count:9,}" for kind, count in kinds.most_common()]
    return lines


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
