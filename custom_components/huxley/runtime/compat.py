"""Every touch of what Home Assistant does not promise, in one place, each with a fallback."""

from homeassistant.components.assist_pipeline import PipelineEventType
from homeassistant.core import HomeAssistant


def speech_token(hass: HomeAssistant, conversation_id: str) -> str | None:
    """The token of the speech that the pipeline run of this conversation will make; None when it makes none.

    Read from the runs that Home Assistant keeps for its debug view (2026.10 and 2026.11). Without them no speech is
    assumed, and a reply counts as read rather than heard.
    """
    data = hass.data.get("assist_pipeline")
    runs = getattr(data, "pipeline_debug", None) or {}
    token: str | None = None
    for run in (run for by_run in runs.values() for run in by_run.values()):
        start = next((event.data for event in run.events if event.type is PipelineEventType.RUN_START), None)
        ended = any(event.type is PipelineEventType.RUN_END for event in run.events)
        if start is not None and not ended and start.get("conversation_id") == conversation_id:
            token = (start.get("tts_output") or {}).get("token")
    return token
