"""Which figures exist on each platform: the rows of every matrix of figures."""

from dataclasses import dataclass
from functools import lru_cache

from sandbox.data import seeds
from sandbox.data.accounts import Account


@dataclass(frozen=True)
class MetaAction:
    """One action type: the row that counts it, and the row of its value if it has one."""

    action_type: str
    row: str
    value_row: str = ""
    viewable: bool = False
    """Whether it can be attributed to a view as well as to a click."""


@dataclass(frozen=True)
class GoogleAction:
    """One conversion action of a Google account."""

    action_id: str
    name: str
    category: str
    kind: str
    primary: bool
    rate: float
    """Conversions per click at usual rates."""
    value: float
    """EUR per conversion, 0 without a value."""
    click_days: int = 30
    view_days: int = 1
    """Days after a click or a view within which a conversion still counts."""
    status: str = "ENABLED"


@dataclass(frozen=True)
class CustomConversion:
    """One custom conversion of a Meta account; its figures are those of ``row`` and ``value_row``."""

    custom_id: str
    name: str
    row: str = "purchases"
    value_row: str = "purchase_value"
    archived: bool = False

    @property
    def action_type(self) -> str:
        """Its action type in insights."""
        return f"offsite_conversion.custom.{self.custom_id}"


META_ROWS = (
    "spend", "impressions", "clicks", "link_clicks", "reach", "landing_page_views", "reactions", "comments",
    "video_views", "engagement", "page_engagement", "messages", "calls", "leads", "checkouts", "purchases",
    "purchase_value",
)  # fmt: skip
"""Spend and values in minor units of the currency, all else in counts."""

_ENGAGEMENT = (
    MetaAction("link_click", "link_clicks"),
    MetaAction("landing_page_view", "landing_page_views"),
    MetaAction("post_engagement", "engagement"),
    MetaAction("page_engagement", "page_engagement"),
    MetaAction("post_reaction", "reactions"),
    MetaAction("comment", "comments"),
    MetaAction("video_view", "video_views"),
    MetaAction("onsite_conversion.messaging_conversation_started_7d", "messages"),
)
_CONVERSIONS = (
    MetaAction("click_to_call_call_confirm", "calls"),
    MetaAction("lead", "leads", viewable=True),
    MetaAction("onsite_web_lead", "leads", viewable=True),
    MetaAction("offsite_conversion.fb_pixel_lead", "leads", viewable=True),
    MetaAction("initiate_checkout", "checkouts", viewable=True),
    MetaAction("omni_initiated_checkout", "checkouts", viewable=True),
    MetaAction("offsite_conversion.fb_pixel_initiate_checkout", "checkouts", viewable=True),
    MetaAction("purchase", "purchases", "purchase_value", viewable=True),
    MetaAction("omni_purchase", "purchases", "purchase_value", viewable=True),
    MetaAction("onsite_web_purchase", "purchases", "purchase_value", viewable=True),
    MetaAction("offsite_conversion.fb_pixel_purchase", "purchases", "purchase_value", viewable=True),
)


@lru_cache(maxsize=4096)
def meta_actions(account: Account) -> tuple[MetaAction, ...]:
    """Return the action types that ``account`` can report; several of them count the same event."""
    if not account.tracking:
        return _ENGAGEMENT
    events = (
        MetaAction(custom.action_type, custom.row, custom.value_row, True)
        for custom in custom_conversions(account)
    )
    return (*_ENGAGEMENT, *_CONVERSIONS, *events)


def custom_conversions(account: Account) -> tuple[CustomConversion, ...]:
    """Return the custom conversions of a Meta account."""
    if account.told is not None:
        return account.told.customs
    return (CustomConversion(account.custom_event, "Booking confirmed"),) if account.custom_event else ()


@lru_cache(maxsize=4096)
def google_actions(account: Account) -> tuple[GoogleAction, ...]:
    """Return the conversion actions of ``account``; only primary ones count as conversions."""
    if account.told is not None:
        return account.told.actions
    if not account.tracking:
        return ()
    names = (
        ("Rezerwacja (GA4) purchase", "Formularz: wyślij zapytanie", "Połączenia z reklam")
        if account.own_actions
        else ("Reservation", "Contact form", "Calls from ads")
    )
    rows = (
        (names[0], "PURCHASE", "WEBPAGE", True, 0.021, 210.0),
        (names[1], "SUBMIT_LEAD_FORM", "WEBPAGE", True, 0.016, 0.0),
        (names[2], "PHONE_CALL_LEAD", "AD_CALL", False, 0.018, 0.0),
        ("Newsletter sign-up", "SIGNUP", "WEBPAGE", False, 0.009, 0.0),
        ("Local actions - Directions", "GET_DIRECTIONS", "GOOGLE_HOSTED", False, 0.024, 1.0),
    )
    return tuple(GoogleAction(_action_id(account, index), *row) for index, row in enumerate(rows))


def _action_id(account: Account, index: int) -> str:
    return str(600_000_000 + seeds.number("conversion action", account.account_id, index) % 300_000_000)


GOOGLE_ROWS = ("impressions", "clicks", "spend")
"""Before each action's conversions and values (both in millionths); spend in minor units."""


@lru_cache(maxsize=65_536)
def place(account: Account, row: str) -> int:
    """Return where ``row`` is in the account's matrices."""
    return rows(account).index(row)


@lru_cache(maxsize=4096)
def rows(account: Account) -> tuple[str, ...]:
    """Return the names of the rows of the account's matrices."""
    if account.platform == "meta":
        customs = account.told.customs if account.told else ()
        own = [name for custom in customs for name in (custom.row, custom.value_row)]
        return tuple(dict.fromkeys((*META_ROWS, *own)))
    actions = google_actions(account)
    return (
        *GOOGLE_ROWS,
        *(f"conversions:{action.action_id}" for action in actions),
        *(f"value:{action.action_id}" for action in actions),
    )
