"""``make chaos PART=facts``: facts that change after days were judged, trouble that ends, and advice."""
