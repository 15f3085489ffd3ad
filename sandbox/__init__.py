"""An ad-platform server that speaks the Meta Marketing and the Google Ads REST API, with faults on demand."""
