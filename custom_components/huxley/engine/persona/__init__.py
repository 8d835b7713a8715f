"""Personas: who the agent is."""
