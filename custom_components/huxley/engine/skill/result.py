"""What a tool hands back to the turn."""

from dataclasses import dataclass

from .effects import SideEffect


@dataclass(frozen=True, slots=True)
class ToolResult:
    """The text a model speaks about, and what happens besides.

    `output` is a sentence in the persona's language, or JSON for a model to read. `is_error` marks an output
    that says what went wrong; its side effect is ignored. `expects_answer` marks a question to the person: where the
    satellite can, its microphone opens again after the words, so that nobody has to say the wake word to answer.
    """

    output: str
    side_effect: SideEffect | None = None
    is_error: bool = False
    expects_answer: bool = False
