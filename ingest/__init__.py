"""From the ad platforms into the ledger: what is needed is asked for, judged, and landed by the day."""

import os

from core.settings import ROOT

# dlt looks for its .dlt/ folder in the working directory, unless it is told where the project is.
os.environ.setdefault("DLT_PROJECT_DIR", str(ROOT))
