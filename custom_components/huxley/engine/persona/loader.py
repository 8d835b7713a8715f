"""From the text of a persona file to a persona."""

from .document import parse
from .persona import Persona
from .problems import Problems
from .schema import read_persona


def load_persona(text: str, persona_id: str) -> Persona:
    """Read a persona. `persona_id` is the stem of its file.

    Touches no file but the time zone database; a large text takes seconds, so call it off the event loop.

    Raises `PersonaError` with everything that is wrong, each with line and field; broken YAML is one problem.
    """
    problems = Problems()
    persona = read_persona(parse(text, problems), persona_id, problems)
    problems.check()
    return persona
