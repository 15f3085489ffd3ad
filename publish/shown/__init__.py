"""What readers were shown, publication by publication: written into each release, kept by the ledger."""
