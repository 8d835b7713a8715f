"""Turns: from a press to silence (Engine T1-T16, I1-I10)."""
