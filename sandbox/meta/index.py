"""Objects below accounts by their id, of any account."""

from dataclasses import dataclass

from sandbox.data import told
from sandbox.data.calendar import HORIZON
from sandbox.data.campaigns import Campaign, plan
from sandbox.meta.entities import Piece, ads, adsets
from sandbox.state import Sandbox


@dataclass(frozen=True)
class Found:
    """A campaign, or an ad set or an ad of it."""

    campaign: Campaign
    kind: str
    """``Campaign``, ``AdSet`` or ``Ad``, as Meta names node types."""
    piece: Piece | None = None


def find(sandbox: Sandbox, node_id: str) -> Found | None:
    """Return the object with this id, or None; objects are indexed when one is first asked for."""
    for account in sandbox.registry.planned("meta"):
        if account not in sandbox.indexed:
            sandbox.indexed.add(account)
            for campaign in plan(sandbox.book.seed, account, HORIZON.year):
                sandbox.nodes[campaign.campaign_id] = ("Campaign", campaign)
                for piece in adsets(campaign.campaign_id):
                    sandbox.nodes[piece.id] = ("AdSet", campaign)
                for piece in ads(campaign.campaign_id):
                    sandbox.nodes[piece.id] = ("Ad", campaign)
    known = sandbox.nodes.get(node_id)
    if known is None:
        return None
    kind, owner = known
    pieces = {piece.id: piece for piece in (*adsets(owner.campaign_id), *ads(owner.campaign_id))}
    owner = told.campaign(sandbox.registry.view(owner.account), owner)
    return Found(owner, kind, pieces.get(node_id))
