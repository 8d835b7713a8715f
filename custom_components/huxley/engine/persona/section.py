"""Reads typed values out of one mapping of a persona file and notes what is wrong with them."""

from collections.abc import Iterator, Sequence
from typing import Final

from .document import Node, Plain
from .languages import is_language_code, normalise
from .problems import Kind, Place, ProblemKey, Problems, nearest

_MISSING: Final = Node(None, Place(1, 1, ""), Place(1, 1, ""))


class Section:
    """One mapping. Absent and null are the same; a value that cannot be read is noted and comes back empty."""

    def __init__(self, node: Node, problems: Problems, known: Sequence[str] | None = None) -> None:
        self._node = node
        self._problems = problems
        self._entries = node.content if isinstance(node.content, dict) else {}
        if node.kind not in {Kind.MAPPING, Kind.NOTHING}:
            self.wrong_type(node, Kind.MAPPING)
        for key, value in self._entries.items():
            if known is not None and key not in known:
                self._unknown(key, value, known)

    def __iter__(self) -> Iterator[tuple[str, Node]]:
        return iter(self._entries.items())

    def find(self, key: str) -> Node | None:
        """Return the value of `key`, None if absent or null."""
        node = self._entries.get(key)
        return None if node is None or node.kind is Kind.NOTHING else node

    def require(self, key: str) -> Node | None:
        """Return the value of `key`; its absence is noted."""
        node = self.find(key)
        # Where no mapping is, its missing keys would only hide that.
        if node is None and self._node.kind is Kind.MAPPING:
            written = self._entries.get(key)
            at = written.key_place if written else self._node.key_place
            field = f"{self._node.place.field}.{key}".lstrip(".")
            self._problems.add(Place(at.line, at.column, field), ProblemKey.MISSING_KEY, key=key)
        return node

    def text(self, key: str) -> str:
        """Return the required text of `key`."""
        node = self.require(key)
        return self._full_text(key, node) if node else ""

    def optional_text(self, key: str) -> str | None:
        """Return the text of `key`, None if absent."""
        node = self.find(key)
        return self._full_text(key, node) if node else None

    def language(self, key: str) -> str:
        """Return the required language code of `key`."""
        if (node := self.require(key)) is None:
            return ""
        # `no` is Norwegian here, whatever YAML takes it for.
        code = node.text if node.kind is Kind.BOOLEAN else self.read_text(node)
        if code and is_language_code(code):
            return code
        if node.kind in {Kind.TEXT, Kind.BOOLEAN}:
            self._problems.add(node.place, ProblemKey.BAD_LANGUAGE, code=code)
        return ""

    def optional_language(self, key: str) -> str | None:
        """Return the language code of `key`, None if absent."""
        return self.language(key) if self.find(key) else None

    def section(self, key: str, known: Sequence[str] | None = None) -> Section:
        """Return the mapping at `key`, an empty one if absent."""
        return Section(self._entries.get(key, _MISSING), self._problems, known)

    def texts(self, key: str, known: Sequence[str] | None = None) -> dict[str, str]:
        """Return the mapping of text to text at `key`."""
        return {name: self.read_text(node) for name, node in self.section(key, known)}

    def by_language(self, key: str) -> Iterator[tuple[str, Node]]:
        """Return the values at `key`, a mapping with a language code for each key; odd codes are noted."""
        seen: dict[str, Node] = {}
        for code, node in self.section(key):
            if not is_language_code(code):
                self._problems.add(node.key_place, ProblemKey.BAD_LANGUAGE, code=code)
            elif twin := seen.get(normalise(code)):
                first_line = str(twin.key_place.line)
                self._problems.add(node.key_place, ProblemKey.DUPLICATE_KEY, key=code, first_line=first_line)
            else:
                seen[normalise(code)] = node
                yield code, node

    def plain(self, key: str) -> dict[str, Plain]:
        """Return the mapping at `key` as it is, whatever it holds."""
        return {name: node.plain() for name, node in self.section(key)}

    def items(self, key: str) -> Sequence[Node]:
        """Return the list at `key`, an empty one if absent."""
        node = self.find(key)
        if node is None:
            return ()
        if isinstance(node.content, tuple):
            return node.content
        self.wrong_type(node, Kind.LIST)
        return ()

    def read_text(self, node: Node) -> str:
        """Return the text that `node` is."""
        if isinstance(node.content, str):
            return node.content
        self.wrong_type(node, Kind.TEXT)
        return ""

    def wrong_type(self, node: Node, expected: Kind) -> None:
        """Note that `node` is something else."""
        self._problems.add(node.place, ProblemKey.WRONG_TYPE, expected=expected, found=node.kind)

    def _full_text(self, key: str, node: Node) -> str:
        if isinstance(node.content, str) and not node.content.strip():
            self._problems.add(node.place, ProblemKey.EMPTY_TEXT, key=key)
        return self.read_text(node)

    def _unknown(self, key: str, value: Node, known: Sequence[str]) -> None:
        self._problems.add(
            value.key_place, ProblemKey.UNKNOWN_KEY, key=key, suggestion=nearest(key, known), known=", ".join(known)
        )
