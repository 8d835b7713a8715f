"""Audio: PCM, pacing, encoding (Engine A1-A5)."""
