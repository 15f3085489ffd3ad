"""The statuses of a day as people see them: glyph, word, shape and colour, never one of them alone."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Status:
    """``code`` stands for it in the calendar's strings; ``bands`` are its shape where no glyph fits.

    A band is a stretch of the cell's height, from 0 (top) to 1 (bottom).
    """

    code: str
    name: str
    glyph: str
    meaning: str
    bands: tuple[tuple[float, float], ...]


# From harmless to grave, as the states in models/reports/withheld_days.sql are.
STATUSES = (
    Status("-", "not_expected", " ", "this day is not expected", ()),
    Status("w", "whole", "✓", "complete, reconciled, and in every figure", ((0.0, 1.0),)),
    Status("v", "waived", "○", "not whole, and the agency has waived it", ((0.4, 0.6),)),
    Status("q", "queued", "…", "waits for its first collection", ((0.8, 1.0),)),
    Status("p", "suspect", "?", "an answer that cannot be right; left out", ((0.6, 1.0),)),
    Status("m", "missing", "∅", "no usable answer; left out", ((0.0, 0.18), (0.82, 1.0))),
    Status("i", "invalid", "✕", "an answer that breaks a rule; left out", ((0.0, 1.0),)),
    Status(
        "u", "unreconciled", "≠", "it disagrees with the account total; left out", ((0.0, 0.4), (0.6, 1.0))
    ),
    Status("s", "split", "◐", "conversions are missing, not zero; left out", ((0.5, 1.0),)),
)

GLYPHS = {status.name: status.glyph for status in STATUSES} | {
    "pass": "✓", "warn": "▲", "fail": "✕",
    "healthy": "✓", "warning": "▲", "critical": "✕",
    "published": "✓", "held": "▲", "refused": "✕",
    "complete": "✓", "in_progress": "…", "incomplete": "▲",
    "matched": "✓", "differs": "≠", "no_invoice": "∅",
}  # fmt: skip
