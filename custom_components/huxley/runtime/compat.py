"""Every touch of what Home Assistant does not promise, in one place, each with a fallback."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from homeassistant.components.assist_pipeline import PipelineEvent, PipelineEventType
from homeassistant.core import HomeAssistant
from homeassistant.helpers.chat_session import current_session

type Events = Sequence[PipelineEvent]


def speech_token(hass: HomeAssistant, conversation_id: str) -> str | None:
    """The token of the speech that the pipeline run of this conversation will make; None when it makes none.

    Read from the runs that Home Assistant keeps for its debug view (2026.10 and 2026.11). Without them no speech is
    assumed, and a reply counts as read rather than heard.
    """
    token: str | None = None
    for start in _running(hass):
        if start.get("conversation_id") == conversation_id:
            token = (start.get("tts_output") or {}).get("token")
    return token


def pipeline_runs(hass: HomeAssistant, satellite_id: str) -> bool:
    """Whether a satellite is in the middle of a pipeline, whatever its state says.

    A Wyoming satellite reports `idle` a second time about two seconds after an answer, even when it listens again by
    then (2026.10, 2026.11). Without the debug view its state is believed.
    """
    return any(start.get("satellite_id") == satellite_id for start in _running(hass))


def inside_pipeline_of(hass: HomeAssistant, satellite_id: str) -> bool:
    """Whether the running task is part of a pipeline of that satellite, whoever answers there.

    What waits in such a task for the satellite to be free waits for itself. Without the debug view it is not known.
    """
    session = current_session.get()
    return session is not None and any(
        start.get("satellite_id") == satellite_id and start.get("conversation_id") == session.conversation_id
        for start in _running(hass)
    )


def _running(hass: HomeAssistant) -> Iterator[Mapping[str, Any]]:
    """What each pipeline run that has not ended said when it started."""
    for events in _runs(hass):
        if (start := _start(events)) and not any(event.type is PipelineEventType.RUN_END for event in events):
            yield start


def _runs(hass: HomeAssistant) -> Iterator[Events]:
    """The events of each pipeline run that Home Assistant remembers, oldest first for each pipeline."""
    runs = getattr(hass.data.get("assist_pipeline"), "pipeline_debug", None) or {}
    return (run.events for by_run in runs.values() for run in by_run.values())


def _start(events: Events) -> Mapping[str, Any] | None:
    return next((event.data for event in events if event.type is PipelineEventType.RUN_START), None)
