"""How models outside Home Assistant are reached."""
