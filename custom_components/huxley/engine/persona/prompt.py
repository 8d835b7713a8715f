"""The system prompt of a persona in one language."""

from collections.abc import Mapping

from ..errors import HuxleyError
from .constraints import Constraint
from .persona import LocalPersona


def build_prompt(local: LocalPersona, constraint_sentences: Mapping[Constraint, str]) -> str:
    """Return the persona's own prompt, followed by one sentence for each of its constraints.

    Raises `HuxleyError` when a constraint has no sentence: a promise must not vanish from the prompt unseen.
    """
    declared = [constraint for constraint in Constraint if constraint in local.persona.constraints]
    if missing := [constraint for constraint in declared if constraint not in constraint_sentences]:
        raise HuxleyError(f"No sentence in '{local.language}' for the constraints {', '.join(missing)}; add it")
    rules = "\n".join(f"- {constraint_sentences[constraint]}" for constraint in declared)
    return "\n\n".join(part for part in (local.system_prompt.strip(), rules) if part)
