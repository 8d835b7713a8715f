"""Models: what thinks, and perhaps speaks, for a persona."""
