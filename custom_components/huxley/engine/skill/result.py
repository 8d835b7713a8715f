"""What a tool hands back to the turn."""

from dataclasses import dataclass

from .effects import SideEffect


@dataclass(frozen=True, slots=True)
class ToolResult:
    """The text a model speaks about, and what happens besides.

    `output` is a sentence in the persona's language, or JSON for a model to read. `is_error` marks an output
    that says what went wrong; its side effect is ignored.
    """

    output: str
    side_effect: SideEffect | None = None
    is_error: bool = False
