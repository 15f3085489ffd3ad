"""The health site: templates, their style, and what fills them."""
