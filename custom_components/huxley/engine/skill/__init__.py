"""Skills: what the agent can do."""
