"""A persona at work in a room: its skills, its model session, its words."""

import logging
from collections.abc import Mapping
from functools import partial

from ..engine.model.offline import OfflineModel, OfflineSession
from ..engine.model.protocol import ToolCall
from ..engine.persona import Constraint, Persona
from ..engine.skill.catalog import Catalog
from ..engine.skill.dispatch import Dispatcher
from ..engine.skill.logger import SkillLogger
from ..engine.skill.registry import Registry
from ..engine.skill.result import ToolResult
from ..engine.skill.words import Words
from ..engine.turn.context import current_turn_id
from .skills import RoomPorts, SkillSet, SkillShelf

_LOGGER = logging.getLogger(__name__)

type Phrases = Mapping[str, Mapping[str, str]]
"""By language, then key: what people hear from Huxley itself."""


class PersonaAgent:
    """Implements `engine.turn.Agent` with the offline model."""

    def __init__(
        self, persona: Persona, skills: SkillSet, session: OfflineSession, dispatcher: Dispatcher, words: Words
    ) -> None:
        self.persona = persona
        self.session = session
        self._skills = skills
        self._dispatcher = dispatcher
        self._words = words

    @property
    def persona_id(self) -> str:
        """Which persona."""
        return self.persona.id

    @property
    def tool_names(self) -> tuple[str, ...]:
        """What it can be asked to do, for diagnostics."""
        return tuple(definition.name for definition in self._dispatcher.definitions)

    @property
    def catalogs(self) -> Mapping[str, Catalog]:
        """By skill: what it offers for browsing."""
        offered = ((name, skill.catalog()) for name, skill in self._skills.skills.items())
        return {name: catalog for name, catalog in offered if catalog is not None}

    async def run_tool(self, call: ToolCall) -> ToolResult:
        """Run one tool in the language of the conversation."""
        return await self._dispatcher.call(call.name, call.arguments, language=call.language)

    def phrase(self, key: str, slots: Mapping[str, str] | None = None) -> str:
        """A sentence that the room says about itself, in the language of the conversation."""
        return self._words.say(key, self.session.language, slots or {})

    async def close(self) -> None:
        """End the session and the skills."""
        await self.session.close()
        await self._skills.teardown()


async def async_make_agent(shelf: SkillShelf, persona: Persona, ports: RoomPorts, phrases: Phrases) -> PersonaAgent:
    """Set a persona's skills up in a room and open a session with the offline model. Raises `SkillError`."""
    skills = SkillSet(shelf, persona, ports)
    await skills.setup()
    try:
        registry = Registry(skills.skills, child_safe=Constraint.CHILD_SAFE in persona.constraints)
        sentences = {name: skills.packages[name].sentences for name in skills.skills}
        model = await shelf.hass.async_add_executor_job(
            partial(OfflineModel, registry, sentences, languages=persona.languages, phrases=phrases)
        )
    except Exception:
        await skills.teardown()
        raise
    words = Words({}, phrases, persona.language_code, SkillLogger("phrases", _LOGGER, current_turn_id.get))
    return PersonaAgent(
        persona, skills, OfflineSession(model, name=persona.id), Dispatcher(registry, current_turn_id.get), words
    )
