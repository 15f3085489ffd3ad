"""The badge: one word on a coloured ground, in the shape that such badges have."""

_COLOURS = {"healthy": "#1a7f37", "warning": "#9a6700", "critical": "#b3261e"}
_LABEL_WIDTH, _CHARACTER, _MARGIN = 64, 6.6, 12


def draw(status: str) -> bytes:
    """Return the badge of ``healthy``, ``warning`` or ``critical`` as SVG."""
    width = round(len(status) * _CHARACTER + _MARGIN)
    whole, middle = _LABEL_WIDTH + width, _LABEL_WIDTH + width / 2
    colour = _COLOURS.get(status, "#57606a")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img"'
        f' aria-label="wholeday: {status}"><title>wholeday: {status}</title>'
        f'<rect width="{whole}" height="20" rx="3" fill="#3b4149"/>'
        f'<path d="M{_LABEL_WIDTH} 0h{width - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{width - 3}z"'
        f' fill="{colour}"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">'
        f'<text x="{_LABEL_WIDTH / 2}" y="14">wholeday</text>'
        f'<text x="{middle}" y="14">{status}</text></g></svg>'
    ).encode()
