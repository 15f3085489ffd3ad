"""``make timetravel``: figures as of any earlier moment equal what readers had then."""
