"""How much of what goes wrong is found, when, by which name; and what is alarmed that is not wrong."""
