"""Home Assistant's side of the engine's ports: rooms, speakers, persona files, storage."""
