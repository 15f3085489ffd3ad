"""Read by Python at the start of a peer's process: lets Meta's SDK speak to another server than Meta's.

``PEER_GRAPH`` is its address. Nothing else of the peer or of the SDK is changed.
"""

import os

from facebook_business.session import FacebookSession

FacebookSession.GRAPH = os.environ["PEER_GRAPH"]
