"""The rules of behaviour that a persona may declare."""

from enum import StrEnum


class Constraint(StrEnum):
    """A promise about behaviour, kept by a sentence in the prompt and by code."""

    NEVER_SAY_NO = "never_say_no"
    """Never a bare refusal; always an alternative."""

    CONFIRM_DESTRUCTIVE = "confirm_destructive"
    """Repeat and ask before deleting, sending or calling."""

    CHILD_SAFE = "child_safe"
    """Nothing unfit for a child; tools marked adult are hidden."""

    NO_RELIGIOUS_CONTENT = "no_religious_content"
    """No religious content, whatever is asked."""

    ECHO_SHORT_INPUT = "echo_short_input"
    """One or two words heard: repeat them back first."""

    CONFIRM_IF_UNCLEAR = "confirm_if_unclear"
    """Unsure what was meant: call nothing, ask one question."""
