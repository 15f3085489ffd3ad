"""What all trials together showed, as a person reads it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.chaos.steps import STEPS
from benchmarks.chaos.trial import ENDED, Outcome

TARGET_COLLECTED = 0.99


@dataclass(frozen=True)
class Tally:
    """The outcomes of all trials."""

    outcomes: Sequence[Outcome]

    @property
    def failed(self) -> bool:
        """Whether anything differs, or the first runs with faults collected too little."""
        return any(one.wrong for one in self.outcomes) or self.collected < TARGET_COLLECTED

    @property
    def faulted(self) -> list[Outcome]:
        """The trials with faults."""
        return [one for one in self.outcomes if one.plan.kill is None]

    @property
    def collected(self) -> float:
        """The share of account-days that the runs with faults collected, of those they needed."""
        return self._share("landed")

    def _share(self, name: str) -> float:
        asked = sum(one.asked for one in self.faulted)
        return sum(getattr(one, name) for one in self.faulted) / asked if asked else 1.0

    def lines(self) -> list[str]:
        """Return the summary."""
        faulted, readings = self.faulted, [one.reading for one in self.outcomes]
        differing = sum(bool(one.wrong) for one in self.outcomes)
        steps = Counter(one.step for one in self.outcomes if one.plan.kill)
        signals = Counter(one.plan.kill.signal.name for one in self.outcomes if one.plan.kill)
        requests, failed = (sum(getattr(one, name) for one in faulted) for name in ("requests", "failed"))
        kinds: Counter[str] = sum((one.struck for one in faulted), Counter())
        lines = [
            f"chaos: {len(self.outcomes)} trials, {len(faulted)} with faults, {steps.total()} with a kill,"
            f" {sum(one.plan.empty for one in self.outcomes)} of them from an empty warehouse",
            f"  marts differ, or anything else is wrong   {differing:6}   (target: 0)",
            f"  readers that saw a mixed or partial release {sum(bool(r.problems) for r in readings):4}"
            f"   (target: 0)   of {sum(r.reads for r in readings):,} reads,"
            f" {sum(len(r.releases) for r in readings)} releases seen",
            f"  versions that are there twice             {sum(o.doubles for o in self.outcomes):6}"
            "   (target: 0)",
        ]
        if steps:
            spread = ", ".join(f"{name} {steps[name]}" for name in (*STEPS, ENDED) if steps[name])
            lines.append(f"  kills by step                             {spread}")
            lines.append(f"  kills by signal                           {_listed(signals)}")
        if faulted:
            lines += [
                f"  requests that met a fault                 {failed / max(requests, 1):6.1%}"
                f"   of {requests:,}, in {len(kinds)} ways",
                f"  account-days collected in the first run   {self.collected:6.2%}   (target: 99 %)",
                f"  of these, whole in its release            {self._share('whole'):6.2%}",
            ]
        return lines


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
