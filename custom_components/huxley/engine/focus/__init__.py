"""Focus: who may make sound now (Engine F1-F18)."""
