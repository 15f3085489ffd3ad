"""What a client must present: invented, the same in every sandbox, and good for nothing anywhere else."""

import hashlib
import hmac
from dataclasses import dataclass


def _invented(prefix: str, name: str) -> str:
    return prefix + hashlib.sha256(f"sandbox {name}".encode()).hexdigest()[:40]


META_TOKEN = _invented("EAA", "access token")
META_APP_ID = "900000000000001"
META_APP_SECRET = _invented("", "app secret")
GOOGLE_CLIENT_ID = "sandbox.apps.googleusercontent.example"
GOOGLE_CLIENT_SECRET = _invented("GOCSPX-", "client secret")
GOOGLE_REFRESH_TOKEN = _invented("1//0", "refresh token")
GOOGLE_DEVELOPER_TOKEN = _invented("", "developer token")[:22]
GOOGLE_MANAGER = "1000000001"
"""Customer id of the manager account that all Google accounts belong to."""


@dataclass(frozen=True)
class Environment:
    """The settings that point a client at the sandbox."""

    url: str

    def variables(self) -> dict[str, str]:
        """Return them as environment variables."""
        meta, google = "SOURCES__META_ADS__", "SOURCES__GOOGLE_ADS__"
        return {
            "WHOLEDAY_API": "sandbox",
            f"{meta}BASE_URL": self.url,
            f"{meta}ACCESS_TOKEN": META_TOKEN,
            f"{meta}MIN_INTERVAL_SECONDS": "0",
            f"{meta}MAX_REQUESTS_PER_RUN": "1000000",
            f"{google}BASE_URL": self.url,
            f"{google}TOKEN_URL": f"{self.url}/token",
            f"{google}CLIENT_ID": GOOGLE_CLIENT_ID,
            f"{google}CLIENT_SECRET": GOOGLE_CLIENT_SECRET,
            f"{google}REFRESH_TOKEN": GOOGLE_REFRESH_TOKEN,
            f"{google}DEVELOPER_TOKEN": GOOGLE_DEVELOPER_TOKEN,
            f"{google}LOGIN_CUSTOMER_ID": GOOGLE_MANAGER,
            f"{google}MIN_INTERVAL_SECONDS": "0",
            f"{google}MAX_REQUESTS_PER_RUN": "1000000",
        }


def appsecret_proof(token: str, secret: str = META_APP_SECRET) -> str:
    """Return the proof that a caller knows the app's secret."""
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
