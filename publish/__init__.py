"""The gate, the swap of releases, and what people see of them."""
