"""The Google Ads REST API and Google's OAuth token call as the sandbox speaks them."""
