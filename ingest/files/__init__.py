"""Files as a source: what a client's other systems export, in a folder for each account."""
