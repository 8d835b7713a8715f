"""From text to a tree whose every value knows its place. Never touches a file.

YAML 1.1 as Home Assistant reads it, with three differences that spare people a surprise: keys are always text
(`no:` is Norwegian, not false), and `22:00` and `2026-01-31` stay text.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import yaml
from yaml.constructor import SafeConstructor

from .problems import Kind, PersonaError, Place, ProblemKey, Problems, problem

MAX_KIB: Final = 256  # a long persona has 20 KiB; parsing this much takes seconds already
MAX_VALUES: Final = 10_000  # a thousand contacts with all their fields fit
MAX_DEPTH: Final = 32  # levels; a persona has five

type Scalar = str | int | float | bool | None
type Plain = Scalar | list[Plain] | dict[str, Plain]

_TAG: Final = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its place. `text` is a scalar as written, without quotes; `key_place` is where its key stands."""

    content: Scalar | tuple[Node, ...] | dict[str, Node]
    place: Place
    key_place: Place
    text: str = ""

    @property
    def kind(self) -> Kind:
        """What the value is."""
        return next(kind for types, kind in _KINDS if isinstance(self.content, types))

    def plain(self) -> Plain:
        """Return the value without places, freshly made."""
        if isinstance(self.content, tuple):
            return [item.plain() for item in self.content]
        if isinstance(self.content, dict):
            return {key: item.plain() for key, item in self.content.items()}
        return self.content


_KINDS: Final[tuple[tuple[type | tuple[type, ...], Kind], ...]] = (
    (bool, Kind.BOOLEAN),  # before the numbers: a bool is an int
    ((int, float), Kind.NUMBER),
    (str, Kind.TEXT),
    (tuple, Kind.LIST),
    (dict, Kind.MAPPING),
    (type(None), Kind.NOTHING),
)


def parse(text: str, problems: Problems) -> Node:
    """Turn a file's text into a tree; duplicate keys and odd values are noted in `problems`.

    Raises `PersonaError` when the text is no YAML, or none that is safe to expand.
    """
    start = Place(1, 1, "")
    if len(text.encode("utf-8", "surrogatepass")) > MAX_KIB * 1024:
        raise _fatal(start, ProblemKey.TOO_LARGE, limit=str(MAX_KIB))
    root = _compose(text)
    return _TreeBuilder(problems).build(root, start, "") if root is not None else Node(None, start, start)


class _TooDeepError(yaml.MarkedYAMLError):
    """Guards the composer, which recurses, from endless brackets."""


class _Composer(yaml.SafeLoader):
    """Composes nodes, only so deep."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Compose one node below `parent`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _TooDeepError(problem_mark=self.peek_event().start_mark)  # type: ignore[no-untyped-call]
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _compose(text: str) -> yaml.Node | None:
    composer: _Composer | None = None
    try:
        composer = _Composer(text)
        return composer.get_single_node()
    except _TooDeepError as error:
        raise _fatal(_marked(error), ProblemKey.TOO_DEEP, limit=str(MAX_DEPTH)) from error
    except yaml.MarkedYAMLError as error:
        detail = ", ".join(part for part in (error.context, error.problem) if part)
        raise _fatal(_marked(error), ProblemKey.BAD_YAML, detail=detail) from error
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = Place(before.count("\n") + 1, error.position - before.rfind("\n"), "")
        raise _fatal(place, ProblemKey.BAD_YAML, detail=f"character {ord(text[error.position]):#x}") from error
    except (ValueError, OverflowError) as error:
        # The scanner lets these through for an escape or a version beyond all numbers; they carry no place.
        mark = composer.get_mark() if composer else None
        raise _fatal(_at(mark), ProblemKey.BAD_YAML, detail=str(error)) from error


def _marked(error: yaml.MarkedYAMLError) -> Place:
    return _at(error.problem_mark or error.context_mark)


def _at(mark: yaml.Mark | None) -> Place:
    return Place(mark.line + 1, mark.column + 1, "") if mark else Place(1, 1, "")


def _fatal(place: Place, key: ProblemKey, /, **placeholders: str) -> PersonaError:
    return PersonaError((problem(place, key, **placeholders),))


class _TreeBuilder:
    """Walks composed nodes; each alias is expanded, so what it may expand to is bounded."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._values = 0
        self._characters = 0
        self._open: list[yaml.Node] = []

    def build(self, node: yaml.Node, key_place: Place, field: str) -> Node:
        """Build the tree of `node`, whose key stands at `key_place`."""
        place = _place(node, field)
        self._guard(node, place)
        self._open.append(node)
        if isinstance(node, yaml.MappingNode):
            built = self._mapping(node, place, key_place)
        elif isinstance(node, yaml.SequenceNode):
            built = self._sequence(node, place, key_place)
        else:
            built = self._scalar(node, place, key_place)
        self._open.pop()
        return built

    def _guard(self, node: yaml.Node, place: Place) -> None:
        self._values += 1
        if any(node is one for one in self._open):
            raise _fatal(place, ProblemKey.ALIAS_CYCLE)
        if len(self._open) >= MAX_DEPTH:
            raise _fatal(place, ProblemKey.TOO_DEEP, limit=str(MAX_DEPTH))
        if self._values > MAX_VALUES:
            raise _fatal(place, ProblemKey.TOO_MANY_VALUES, limit=str(MAX_VALUES))

    def _count(self, text: str, place: Place) -> None:
        self._characters += len(text)
        if self._characters > MAX_KIB * 1024:
            raise _fatal(place, ProblemKey.TOO_LARGE, limit=str(MAX_KIB))

    def _mapping(self, node: yaml.MappingNode, place: Place, key_place: Place) -> Node:
        self._check_tag(node, place, "map")
        entries: dict[str, Node] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, place.field)
            if key is None:
                continue
            at = _place(key_node, f"{place.field}.{key}".lstrip(".") if place.field else key)
            if key in entries:
                first = str(entries[key].key_place.line)
                self._problems.add(at, ProblemKey.DUPLICATE_KEY, key=key, first_line=first)
            else:
                entries[key] = self.build(value_node, at, at.field)
        return Node(entries, place, key_place)

    def _key(self, node: yaml.Node, field: str) -> str | None:
        at = _place(node, field)
        if not isinstance(node, yaml.ScalarNode):
            found = Kind.MAPPING if isinstance(node, yaml.MappingNode) else Kind.LIST
            self._problems.add(at, ProblemKey.WRONG_TYPE, expected=Kind.TEXT, found=found)
            return None
        if node.tag == f"{_TAG}merge":
            self._problems.add(at, ProblemKey.UNSUPPORTED_YAML, what=node.value)
            return None
        self._count(node.value, at)
        return self._whole(node.value, at)

    def _sequence(self, node: yaml.SequenceNode, place: Place, key_place: Place) -> Node:
        self._check_tag(node, place, "seq")
        items: list[Node] = []
        for index, item in enumerate(node.value):
            field = f"{place.field}[{index}]"
            items.append(self.build(item, _place(item, field), field))
        return Node(tuple(items), place, key_place)

    def _scalar(self, node: yaml.Node, place: Place, key_place: Place) -> Node:
        text: str = node.value
        self._count(text, place)
        read = _SCALARS.get(node.tag.removeprefix(_TAG))
        if read is None:
            self._problems.add(place, ProblemKey.UNSUPPORTED_YAML, what=_written(node.tag))
            return Node(None, place, key_place, text)
        try:
            content = read(text)
        except (ValueError, LookupError) as error:
            self._problems.add(place, ProblemKey.BAD_YAML, detail=f"{_written(node.tag)}: {error}")
            content = None
        if isinstance(content, str):
            content = self._whole(content, place)
        return Node(content, place, key_place, text)

    def _whole(self, text: str, place: Place) -> str:
        """Return `text`, noting half a character (an escaped surrogate), which nothing downstream can encode."""
        if any("\ud800" <= character <= "\udfff" for character in text):
            self._problems.add(place, ProblemKey.BAD_YAML, detail="half a surrogate pair")
            return ""
        return text

    def _check_tag(self, node: yaml.Node, place: Place, expected: str) -> None:
        if node.tag != f"{_TAG}{expected}":
            self._problems.add(place, ProblemKey.UNSUPPORTED_YAML, what=_written(node.tag))


def _written(tag: str) -> str:
    return tag.replace(_TAG, "!!", 1)


def _place(node: yaml.Node, field: str) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1, field)


_CONSTRUCTOR: Final = SafeConstructor()


def _nothing(_text: str) -> None:
    return None


def _boolean(text: str) -> bool:
    return SafeConstructor.bool_values[text.lower()]


def _number(kind: str, construct: Callable[[yaml.ScalarNode], float]) -> Callable[[str], Scalar]:
    def read(text: str) -> Scalar:
        # YAML 1.1 counts in sixties: 22:00 would be 1320.
        return text if ":" in text else construct(yaml.ScalarNode(f"{_TAG}{kind}", text))

    return read


_SCALARS: Final[Mapping[str, Callable[[str], Scalar]]] = MappingProxyType(
    {
        "str": str,
        "null": _nothing,
        "bool": _boolean,
        "int": _number("int", _CONSTRUCTOR.construct_yaml_int),
        "float": _number("float", _CONSTRUCTOR.construct_yaml_float),
        "timestamp": str,
    }
)
