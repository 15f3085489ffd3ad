"""Plain HTTP clients for the two APIs, without any of the project's own collection code."""

import json
from typing import Any

import requests

from sandbox import credentials
from sandbox.process import SandboxProcess

NOW = "2026-11-24T06:00:00+00:00"
EVERY_STATUS = ["ACTIVE", "PAUSED", "ARCHIVED", "DELETED", "IN_PROCESS", "WITH_ISSUES"]
FIELDS = (
    "account_id,account_currency,campaign_id,campaign_name,spend,impressions,clicks,inline_link_clicks,reach,actions,"
    "action_values,attribution_setting"
)


class Meta:
    def __init__(self, box: SandboxProcess) -> None:
        self.url = box.url
        self.session = requests.Session()

    def get(self, path: str, version: str = "v26.0", **params: Any) -> requests.Response:
        params.setdefault("access_token", credentials.META_TOKEN)
        encoded = {
            name: value if isinstance(value, str | int) else json.dumps(value)
            for name, value in params.items()
        }
        return self.session.get(f"{self.url}/{version}/{path}", params=encoded, timeout=30)

    def ok(self, path: str, **params: Any) -> Any:
        answer = self.get(path, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def error(self, path: str, **params: Any) -> dict[str, Any]:
        answer = self.get(path, **params)
        assert answer.status_code >= 400, answer.text
        error: dict[str, Any] = answer.json()["error"]
        return error

    def insights(self, account: str, since: str, until: str, **params: Any) -> list[dict[str, Any]]:
        given: dict[str, Any] = {"level": "campaign", "fields": FIELDS, "time_increment": 1, "limit": 500}
        given |= {"time_range": {"since": since, "until": until}} | params
        return self.everything(self.ok(f"act_{account}/insights", **given))

    def everything(self, page: dict[str, Any]) -> list[dict[str, Any]]:
        rows = list(page["data"])
        while "next" in page.get("paging", {}):
            page = self.session.get(page["paging"]["next"], timeout=30).json()
            rows += page["data"]
        return rows


class Google:
    def __init__(self, box: SandboxProcess) -> None:
        self.url = box.url
        self.session = requests.Session()
        self.headers = {
            "Authorization": f"Bearer {self.token().json()['access_token']}",
            "login-customer-id": credentials.GOOGLE_MANAGER,
        }

    def token(self, **changes: str) -> requests.Response:
        form = {
            "grant_type": "refresh_token",
            "client_id": credentials.GOOGLE_CLIENT_ID,
            "client_secret": credentials.GOOGLE_CLIENT_SECRET,
            "refresh_token": credentials.GOOGLE_REFRESH_TOKEN,
        }
        return self.session.post(f"{self.url}/token", data=form | changes, timeout=30)

    def post(
        self, customer: str, query: str, call: str = "search", version: str = "v26", **body: Any
    ) -> requests.Response:
        return self.session.post(
            f"{self.url}/{version}/customers/{customer}/googleAds:{call}",
            headers=self.headers,
            json={"query": query, **body},
            timeout=30,
        )

    def rows(self, customer: str, query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        token = ""
        while True:
            answer = self.post(customer, query, **({"pageToken": token} if token else {}))
            assert answer.status_code == 200, answer.text
            page = answer.json()
            found += page.get("results", [])
            token = page.get("nextPageToken", "")
            if not token:
                return found

    def error(self, customer: str, query: str, **more: Any) -> dict[str, str]:
        answer = self.post(customer, query, **more)
        assert answer.status_code >= 400, answer.text
        code: dict[str, str] = answer.json()["error"]["details"][0]["errors"][0]["errorCode"]
        return code
