"""The frame of all pages of all rooms: one navigation, one look, nothing from a network."""

from pathlib import Path

import jinja2

LOOK = Path(__file__).with_name("look")

# What a page links to and shows with it; each folder of pages has its copy of them.
ASSETS = (LOOK / "wholeday.css", LOOK / "icon.svg")


def environment(*folders: Path) -> jinja2.Environment:
    """Return an environment that finds the frame, and the templates of ``folders`` before it.

    It escapes everything, and a name that is not given is an error.
    """
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader([*folders, LOOK]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
