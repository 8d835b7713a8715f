"""The Assist pipeline behind a satellite, and whether its agent lets the room begin a conversation."""

from homeassistant.components.assist_pipeline import Pipeline, PipelineNotFound, async_get_pipeline, async_get_pipelines
from homeassistant.components.assist_satellite.const import DATA_COMPONENT
from homeassistant.components.conversation.const import HOME_ASSISTANT_AGENT
from homeassistant.core import HomeAssistant


def pipeline_of(hass: HomeAssistant, satellite_id: str) -> Pipeline | None:
    """The pipeline that a satellite uses now; the preferred one where it has no choice, None when there is none."""
    component = hass.data.get(DATA_COMPONENT)
    entity = component.get_entity(satellite_id) if component is not None else None
    chooser = entity.pipeline_entity_id if entity is not None else None
    chosen = hass.states.get(chooser) if chooser is not None else None
    if chosen is not None:
        for pipeline in async_get_pipelines(hass):
            if pipeline.name == chosen.state:
                return pipeline
    return preferred_pipeline(hass)


def preferred_pipeline(hass: HomeAssistant) -> Pipeline | None:
    """The pipeline that the house prefers."""
    try:
        return async_get_pipeline(hass)
    except PipelineNotFound:
        return None


def begins_conversations(hass: HomeAssistant, satellite_id: str) -> bool:
    """Whether the satellite's agent takes part when the room begins; Home Assistant's own one does not (2026.10)."""
    pipeline = pipeline_of(hass, satellite_id)
    return pipeline is not None and pipeline.conversation_engine != HOME_ASSISTANT_AGENT
