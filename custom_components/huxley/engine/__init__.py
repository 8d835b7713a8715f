"""The engine: who may make sound now, and what a turn is. Pure Python, no Home Assistant."""
