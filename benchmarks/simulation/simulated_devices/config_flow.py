"""Nobody adds these devices by hand; Home Assistant only wants to see that somebody could."""

from homeassistant.config_entries import ConfigFlow


class SimulatedDevicesFlow(ConfigFlow, domain="simulated_devices"):
    """A flow without a step."""
