"""Speakers: what a room is heard through, one strategy a file."""
