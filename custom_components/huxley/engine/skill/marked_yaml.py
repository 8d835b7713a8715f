"""YAML whose every value knows the line it stands on, so that an error can name it."""

from dataclasses import dataclass
from typing import Any

import yaml

from ..errors import SkillError

_DEEPEST = 20  # levels; more than this is an alias that contains itself


@dataclass(frozen=True, slots=True)
class Marked:
    """A value with its place. `value` is a scalar, a `dict[str, Marked]` or a `list[Marked]`."""

    value: Any
    source: str
    line: int

    def error(self, problem: str) -> SkillError:
        """Return the error to raise about this value."""
        return SkillError(f"{self.source}, line {self.line}: {problem}")

    def mapping(self, what: str) -> dict[str, Marked]:
        """Return the value as a mapping, an absent one as empty. `SkillError` otherwise."""
        if self.value is None:
            return {}
        if not isinstance(self.value, dict):
            raise self.error(f"{what} must be a mapping (`key: value`).")
        return self.value

    def items(self, what: str) -> list[Marked]:
        """Return the value as a list, an absent one as empty. `SkillError` otherwise."""
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            raise self.error(f"{what} must be a list (`- item`).")
        return self.value

    def text(self, what: str) -> str:
        """Return the value as text. `SkillError` otherwise."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.error(f"{what} must be text; put it in quotes.")
        return self.value

    def integer(self, what: str) -> int:
        """Return the value as a whole number. `SkillError` otherwise."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.error(f"{what} must be a whole number.")
        return self.value

    def flag(self, what: str) -> bool:
        """Return the value as true or false. `SkillError` otherwise."""
        if not isinstance(self.value, bool):
            raise self.error(f"{what} must be true or false.")
        return self.value

    def plain(self) -> Any:
        """Return the value and all below it without marks."""
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return self.value

    def allow(self, what: str, *keys: str) -> dict[str, Marked]:
        """Return the value as a mapping of these keys and no others. `SkillError` names the first other one."""
        found = self.mapping(what)
        for key, item in found.items():
            if key not in keys:
                raise item.error(f"{what} has no key `{key}`; there are: {', '.join(keys)}.")
        return found


def read_marked(text: str, source: str) -> Marked:
    """Parse YAML. `SkillError` names `source` and the line of what is broken, a key given twice included."""
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        return Marked(None, source, 1) if node is None else _marked(loader, node, source, 0)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SkillError(f"{source}, line {line}: {error.problem}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise SkillError(f"{source}: {error}") from error


def _marked(loader: yaml.SafeLoader, node: yaml.Node, source: str, depth: int) -> Marked:
    line = node.start_mark.line + 1
    if depth > _DEEPEST:
        raise SkillError(f"{source}, line {line}: nested too deeply.")
    if isinstance(node, yaml.SequenceNode):
        return Marked([_marked(loader, item, source, depth + 1) for item in node.value], source, line)
    if not isinstance(node, yaml.MappingNode):
        return Marked(loader.construct_object(node), source, line)
    found: dict[str, Marked] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        value = _marked(loader, value_node, source, depth + 1)
        mark = Marked(value.value, source, key_node.start_mark.line + 1)
        if key in found:
            raise mark.error(f"the key `{key}` is given twice.")
        found[key] = mark
    return Marked(found, source, line)
