"""Meta's overlapping action types: which names can count the same event."""

import re

# Meta reports an event under its plain name, once more per channel, and once more over all channels.
_CHANNEL = re.compile(
    r"^(?:omni_|onsite_web_app_|onsite_web_|onsite_app_|web_app_in_store_|web_in_store_|onsite_conversion\."
    r"|offsite_conversion\.fb_pixel_|offline_conversion\.|app_custom_event\.fb_mobile_)"
)
_SCOPE = re.compile(r"_(?:total|website|mobile_app|offline|grouped)$")
_SAME_EVENT = {"initiated_checkout": "initiate_checkout", "leadgen": "lead", "leadgen.other": "lead"}
_CUSTOM = re.compile(r"^(?:offsite_conversion\.(?:custom\.|fb_pixel_custom)|app_custom_event\.other)")


def family(action_type: str) -> str:
    """Return the event that ``action_type`` counts; two types of one family can count the same lead twice.

    A custom conversion is built by hand from any event, so it has no family of its own name ("").
    """
    if is_custom(action_type):
        return ""
    event = _SCOPE.sub("", _CHANNEL.sub("", action_type))
    return _SAME_EVENT.get(event, event)


def is_custom(action_type: str) -> bool:
    """Say whether someone at the advertiser's defined what ``action_type`` counts."""
    return _CUSTOM.match(action_type) is not None
