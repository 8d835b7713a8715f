"""Which skill has which tool."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..errors import SkillError
from .skill import Skill
from .tool import ToolDefinition


@dataclass(frozen=True, slots=True)
class RegisteredTool:
    """A tool and the skill that owns it."""

    skill_name: str
    skill: Skill
    definition: ToolDefinition


class Registry:
    """The tools of a persona's skills, under names that are unique among them.

    `child_safe` hides the tools that are marked adult. Raises `SkillError` when two skills share a tool's name.
    """

    def __init__(self, skills: Mapping[str, Skill], *, child_safe: bool = False) -> None:
        self._skills = dict(skills)
        self._tools: dict[str, RegisteredTool] = {}
        for skill_name, skill in skills.items():
            for definition in skill.tools:
                self._add(RegisteredTool(skill_name, skill, definition))
        if child_safe:
            self._tools = {name: entry for name, entry in self._tools.items() if not entry.definition.adult}

    @property
    def skills(self) -> Mapping[str, Skill]:
        """Every skill by name."""
        return self._skills

    @property
    def definitions(self) -> Sequence[ToolDefinition]:
        """Every tool that may be called, in the order of the skills."""
        return tuple(entry.definition for entry in self._tools.values())

    def find(self, tool_name: str) -> RegisteredTool | None:
        """Return the tool, None when there is none of that name or it is hidden."""
        return self._tools.get(tool_name)

    def _add(self, entry: RegisteredTool) -> None:
        name = entry.definition.name
        if other := self._tools.get(name):
            raise SkillError(
                f"Skills {other.skill_name} and {entry.skill_name} both have a tool {name}; "
                "take one of the two out of the persona, or rename a tool."
            )
        self._tools[name] = entry
