"""A persona with a lamp that thinks with a scripted server."""

from collections.abc import Callable
from typing import Any

import pytest

from custom_components.huxley.engine.model.chat import ChatModel, ChatSession, ChatSettings
from custom_components.huxley.engine.model.chat.history import History
from custom_components.huxley.engine.persona import Constraint, Persona, Translation
from custom_components.huxley.engine.skill.registry import Registry
from custom_components.huxley.engine.skill.skill import Skill
from custom_components.huxley.engine.skill.tool import tool
from tests.engine.model.chat.wire import ScriptedTransport


class Lamp(Skill):
    name = "lamp"
    context: str | None = None

    @tool
    async def dim(self, level: int) -> str:
        """Dim the lamp."""
        return f"{level}"

    @tool(adult=True)
    async def red(self) -> str:
        """Turn red."""
        return "red"

    def prompt_context(self) -> str | None:
        if self.context == "raise":
            raise RuntimeError("no lamp")
        return self.context


PERSONA = Persona(
    id="anna",
    version=1,
    name="Anna",
    voice="v",
    language_code="en",
    transcription_language="en",
    timezone="UTC",
    system_prompt="You are Anna.",
    constraints=frozenset({Constraint.CHILD_SAFE}),
    i18n={"es": Translation(system_prompt="Eres Ana.")},
)
SENTENCES = {"en": {Constraint.CHILD_SAFE: "Be kind."}, "es": {Constraint.CHILD_SAFE: "Sé amable."}}


@pytest.fixture
def lamp() -> Lamp:
    return Lamp()


@pytest.fixture
def make_model(lamp: Lamp) -> Callable[..., ChatModel]:
    def make(*, persona: Persona = PERSONA, sentences: Any = None, **settings: Any) -> ChatModel:
        registry = Registry({"lamp": lamp}, child_safe=Constraint.CHILD_SAFE in persona.constraints)
        chosen = ChatSettings(**{"model": "tiny"} | settings)
        return ChatModel(persona, registry, chosen, SENTENCES if sentences is None else sentences)

    return make


@pytest.fixture
def make(make_model: Callable[..., ChatModel]) -> Callable[..., ChatSession]:
    def make_session(
        transport: ScriptedTransport, *, history: History | None = None, on_outcome: Any = lambda _: None, **model: Any
    ) -> ChatSession:
        return ChatSession(make_model(**model), transport, history=history, on_outcome=on_outcome)

    return make_session
