"""``make chaos``: trials with kills and faults, each of which must end like a history without trouble.

``facts`` as the first argument is another part: facts that change after days were judged.
"""

import argparse
import resource
import signal
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

from benchmarks.chaos.lab import Lab
from benchmarks.chaos.plan import Plan, draw
from benchmarks.chaos.tally import Tally
from benchmarks.chaos.trial import Outcome, perform

SEED = 20261201


def main() -> int:
    """Run the trials; 1 if anything is not as it must be."""
    if sys.argv[1:2] == ["facts"]:
        # What it imports takes seconds.
        from benchmarks.chaos.facts.command import main as facts

        return facts(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--seed", type=int, default=SEED, help="of the first trial; the next have the next")
    parser.add_argument("--jobs", type=int, default=2, help="trials side by side, each with its own sandbox")
    asked = parser.parse_args()
    # A shell that starts us in the background ignores Ctrl-C, and so would every run that we start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    began = time.monotonic()
    plans = [draw(seed) for seed in range(asked.seed, asked.seed + asked.trials)]
    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        outcomes = run(plans, Path(name), min(asked.jobs, asked.trials))
    tally = Tally(outcomes)
    print("\n".join(tally.lines()))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu, wall = (used.ru_utime + used.ru_stime) / asked.trials, (time.monotonic() - began) / 60
    print(f"  time  {wall:.1f} min, {cpu:.1f} s CPU per trial, undisturbed runs included")
    return int(tally.failed)


def run(plans: list[Plan], folder: Path, jobs: int) -> list[Outcome]:
    """Perform ``plans``, ``jobs`` at a time; print each as it ends, and how to repeat one that went wrong."""
    outcomes = []
    with ExitStack() as stack:
        labs: SimpleQueue[Lab] = SimpleQueue()
        for number in range(jobs):
            (folder / str(number)).mkdir()
            labs.put(stack.enter_context(Lab(folder / str(number))))
        pool = stack.enter_context(ThreadPoolExecutor(jobs))
        trials = [pool.submit(_with_a_lab, labs, plan) for plan in plans]
        try:
            for trial in as_completed(trials):
                outcomes.append(trial.result())
                _tell(outcomes[-1], len(outcomes), len(plans))
        finally:
            pool.shutdown(cancel_futures=True)
    return outcomes


def _with_a_lab(labs: "SimpleQueue[Lab]", plan: Plan) -> Outcome:
    lab = labs.get()
    try:
        return perform(plan, lab)
    finally:
        labs.put(lab)


def _tell(outcome: Outcome, number: int, trials: int) -> None:
    where = f", in the step {outcome.step}" if outcome.step else ""
    share = f", {outcome.landed} of {outcome.asked} account-days" if outcome.asked else ""
    verdict = "WRONG" if outcome.wrong else "same"
    print(
        f"{number:4}/{trials} {verdict:5} {outcome.plan}{where}{share} ({outcome.seconds:.0f} s)", flush=True
    )
    for problem in outcome.wrong:
        print(f"           {problem}", flush=True)
    if outcome.wrong:
        print(f"           again: make chaos TRIALS=1 SEED={outcome.plan.seed}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
