"""The base of every skill."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ..errors import SkillError
from .catalog import Catalog, MediaId
from .context import SkillContext
from .result import ToolResult
from .tool import BoundTool, ToolDefinition, tools_of
from .validation import InvalidArgumentsError, validate


class Skill:
    """What an agent can do: a name, tools, and whatever they need.

    One object serves one persona in one room. `config_schema` is a JSON schema of type object for the skill's part of
    the persona file, None takes anything.
    """

    name: ClassVar[str]
    config_schema: ClassVar[Mapping[str, Any] | None] = None

    _bound: ClassVar[Mapping[str, BoundTool]] = {}

    def __init_subclass__(cls) -> None:
        """Read the tools once, so that a wrong one is an error at import."""
        super().__init_subclass__()
        cls._bound = {bound.definition.name: bound for bound in tools_of(cls)}

    ctx: SkillContext
    """The skill's ports, from `setup` on."""

    @classmethod
    def declared_tools(cls) -> Sequence[ToolDefinition]:
        """Return what the decorated methods offer, without an object."""
        return tuple(bound.definition for bound in cls._bound.values())

    @property
    def tools(self) -> Sequence[ToolDefinition]:
        """What the model may call; the decorated methods unless overridden."""
        return self.declared_tools()

    async def setup(self, ctx: SkillContext) -> None:
        """Get ready. `SkillError` becomes a repair issue; the tools stay and should say what is missing."""
        self.ctx = ctx

    async def teardown(self) -> None:
        """Let go of everything; background tasks are ended already."""

    def prompt_context(self) -> str | None:
        """Return what a model should know about this skill now (track titles, timers that run), if anything."""
        return None

    def catalog(self) -> Catalog | None:
        """Return what people can browse and search, if anything; asked often, so be quick."""
        return None

    def media_id(self, item_id: str) -> str:
        """Return the id under which the house knows an item of this skill's catalog; for `Place`."""
        return str(MediaId(self.ctx.persona.id, self.name, item_id))

    async def lists(self) -> Mapping[str, Sequence[str]]:
        """Return the values of the `from_skill` lists of the sentences; asked before each match, so be quick."""
        return {}

    async def handle(self, tool_name: str, arguments: Mapping[str, Any]) -> ToolResult:
        """Run a tool with arguments that fit its schema; by default the decorated method of that name."""
        bound = self._bound.get(tool_name)
        if bound is None:
            raise SkillError(f"Skill {self.name} has no tool {tool_name}.")
        result: ToolResult | str = await getattr(self, bound.method)(**bound.signature.arguments(arguments))
        return ToolResult(result) if isinstance(result, str) else result


def check_config(skill_class: type[Skill], config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a skill's config as its schema wants it. `SkillError` names the skill and the key."""
    if skill_class.config_schema is None:
        return config
    try:
        return validate(config, skill_class.config_schema)
    except InvalidArgumentsError as error:
        raise SkillError(f"Skill {skill_class.name}: {error}") from error
