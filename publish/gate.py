"""The gate: from facts about a build to the decision whether it may replace the release.

A release is refused for what makes the *file* untrustworthy: broken conservation, contracts or keys, a file
that does not verify or was not judged, or the loss of more than a fifth of the account-days that were whole.
Nothing in one client's data stops the others. Such a day is a gap in the marts, a finding and a check; the
rest is published.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Decision = Literal["published", "refused", "held"]

# More than one in five account-days lost cannot be one client's trouble.
LOSS_LIMIT = 5


@dataclass(frozen=True)
class Loss:
    """Account-days that are whole in the release, still expected, and not whole in the candidate."""

    whole_before: int
    lost: int
    most_of_it: str

    @property
    def too_much(self) -> bool:
        """Whether more than a fifth of what was whole is lost."""
        return self.lost * LOSS_LIMIT > self.whole_before


@dataclass(frozen=True)
class Facts:
    """Everything the decision rests on. A problem is half a sentence that follows "because", or None."""

    run_id: str
    build_problem: str | None
    candidate_problem: str | None
    loss: Loss | None
    published: str | None
    pinned: str | None
    accept_loss: bool = False


@dataclass(frozen=True)
class Verdict:
    """The gate's decision on a run and its reason, one sentence; ``notes`` are what else to tell a person."""

    run_id: str
    verdict: Decision
    reason: str
    decided_at: datetime
    notes: tuple[str, ...] = ()


def decide(facts: Facts, at: datetime) -> Verdict:
    """Decide; a refusal weighs more than a pin, since it says that the candidate itself is bad."""
    problem = facts.build_problem or facts.candidate_problem
    if problem is not None:
        return refuse(facts, problem, "fix the cause and run `make run`", at)
    if facts.loss is not None and facts.loss.too_much and not facts.accept_loss:
        return refuse(
            facts,
            _lost(facts.loss),
            "find out why, then `make run`; if the loss is meant, `python -m publish publish --accept-loss`",
            at,
        )
    if facts.pinned is not None:
        reason = (
            f"run {facts.run_id} was built but not published, because a rollback pinned release"
            f" {facts.pinned}: readers keep that one until `make unpin` and the next `make run`"
        )
        return Verdict(facts.run_id, "held", reason, at)
    reason = f"run {facts.run_id} is published"
    if facts.loss is not None and facts.loss.too_much:
        reason += f", although {_lost(facts.loss)}: accepted by hand"
    return Verdict(facts.run_id, "published", reason, at)


def refuse(facts: Facts, problem: str, remedy: str, at: datetime) -> Verdict:
    """Return the refusal of a run because of ``problem``, saying what readers see and what helps."""
    readers = (
        f"readers keep release {facts.published}"
        if facts.published
        else "there is no earlier release to show"
    )
    reason = f"run {facts.run_id} is not published, because {problem}; {readers}; {remedy}"
    return Verdict(facts.run_id, "refused", reason, at)


def _lost(loss: Loss) -> str:
    share = 100 * loss.lost / loss.whole_before
    return (
        f"{loss.lost:,} of {loss.whole_before:,} account-days that were whole ({share:.0f} %) would be lost,"
        f" most of them of {loss.most_of_it}"
    )
