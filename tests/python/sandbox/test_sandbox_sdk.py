"""The unmodified facebook-business SDK, pointed at the sandbox, reads everything that it reads from Meta."""

import time
from collections.abc import Iterator

import pytest
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.adreportrun import AdReportRun
from facebook_business.adobjects.campaign import Campaign
from facebook_business.adobjects.user import User
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

from sandbox import credentials
from sandbox.process import SandboxProcess
from tests.python.sandbox.clients import Meta

PARAMS = {
    "level": "campaign",
    "time_increment": 1,
    "time_range": {"since": "2026-11-01", "until": "2026-11-20"},
    "limit": 9,
    "filtering": [{"field": "campaign.effective_status", "operator": "IN", "value": ["ACTIVE", "PAUSED"]}],
}
FIELDS = ["campaign_id", "campaign_name", "spend", "impressions", "actions", "action_values"]


@pytest.fixture
def api(box: SandboxProcess) -> Iterator[FacebookAdsApi]:
    session = FacebookSession(
        app_id=credentials.META_APP_ID,
        app_secret=credentials.META_APP_SECRET,
        access_token=credentials.META_TOKEN,
    )
    session.GRAPH = box.url  # the one thing that points the SDK elsewhere
    yield FacebookAdsApi(session)
    session.requests.close()


@pytest.fixture
def account(api: FacebookAdsApi, named: dict[str, str]) -> AdAccount:
    return AdAccount(f"act_{named['meta']}", api=api)


def test_reads_accounts_over_several_pages(api: FacebookAdsApi) -> None:
    found = list(
        User("me", api=api).get_ad_accounts(fields=["name", "currency", "timezone_name"], params={"limit": 4})
    )
    assert len(found) == 18
    assert {one["currency"] for one in found} == {"PLN", "GBP", "USD", "JPY", "HUF", "CZK", "EUR"}


def test_reads_one_account(account: AdAccount) -> None:
    account.api_get(fields=["name", "currency", "timezone_name", "account_status"])
    assert (account["name"], account["currency"], account["account_status"]) == (
        "Grand Hotel Bałtyk",
        "PLN",
        1,
    )


def test_reads_campaigns_with_a_total_count(account: AdAccount) -> None:
    cursor = account.get_campaigns(fields=["name", "effective_status"], params={"limit": 7})
    assert cursor.total() == len(list(cursor)) > 7


def test_reads_ad_sets_and_ads(account: AdAccount) -> None:
    adsets = list(account.get_ad_sets(fields=["name", "campaign_id"], params={"limit": 50}))
    ads = list(account.get_ads(fields=["name", "adset_id"], params={"limit": 50}))
    assert {ad["adset_id"] for ad in ads} == {adset["id"] for adset in adsets}


def test_reads_sync_insights_over_several_pages(
    account: AdAccount, meta: Meta, named: dict[str, str]
) -> None:
    rows = [row.export_all_data() for row in account.get_insights(fields=FIELDS, params=PARAMS)]
    assert len(rows) > 27
    plain = meta.insights(named["meta"], "2026-11-01", "2026-11-20", fields=",".join(FIELDS))
    assert {(row["campaign_id"], row["date_start"], row["spend"]) for row in rows} <= {
        (row["campaign_id"], row["date_start"], row["spend"]) for row in plain
    }


def test_reads_async_insights_equal_to_sync_ones(account: AdAccount) -> None:
    run: AdReportRun = account.get_insights(fields=FIELDS, params=PARAMS, is_async=True)
    statuses = []
    for _ in range(20):
        run = run.api_get()
        statuses.append((run["async_status"], run["async_percent_completion"]))
        if run["async_status"] == "Job Completed":
            break
        time.sleep(0.05)
    assert statuses[-1] == ("Job Completed", 100)
    assert len(statuses) > 1
    waited = [row.export_all_data() for row in run.get_result(params={"limit": 9})]
    assert waited == [row.export_all_data() for row in account.get_insights(fields=FIELDS, params=PARAMS)]


def test_reading_a_report_too_early_is_metas_own_error(account: AdAccount) -> None:
    run: AdReportRun = account.get_insights(fields=FIELDS, params=PARAMS, is_async=True)
    with pytest.raises(FacebookRequestError) as problem:
        list(run.get_insights())
    assert (problem.value.api_error_code(), problem.value.api_error_subcode()) == (2601, 1815107)


def test_batches_requests(api: FacebookAdsApi, account: AdAccount, meta: Meta) -> None:
    found: list[dict[str, object]] = []
    failed: list[int] = []
    campaign_id = meta.ok(f"act_{account['id'].removeprefix('act_')}/campaigns", limit=1)["data"][0]["id"]
    batch = api.new_batch()
    account.api_get(fields=["name"], batch=batch, success=lambda answer: found.append(answer.json()))
    Campaign(campaign_id, api=api).api_get(
        fields=["objective"], batch=batch, success=lambda answer: found.append(answer.json())
    )
    Campaign("123", api=api).api_get(
        batch=batch, failure=lambda answer: failed.append(answer.error().api_error_subcode())
    )
    batch.execute()
    assert found[0]["name"] == "Grand Hotel Bałtyk"
    assert found[1]["id"] == campaign_id
    assert failed == [33]


def test_refuses_a_wrong_secret(box: SandboxProcess) -> None:
    session = FacebookSession(
        app_secret=credentials.GOOGLE_CLIENT_SECRET, access_token=credentials.META_TOKEN
    )
    session.GRAPH = box.url
    with pytest.raises(FacebookRequestError) as problem:
        list(User("me", api=FacebookAdsApi(session)).get_ad_accounts())
    assert "appsecret_proof" in problem.value.api_error_message()
