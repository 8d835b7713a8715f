"""Personas: who the agent is."""

from .constraints import Constraint
from .loader import load_persona
from .persona import LocalPersona, Persona, QuietHours, Translation
from .problems import Kind, PersonaError, PersonaProblem, ProblemKey
from .prompt import build_prompt

__all__ = [
    "Constraint",
    "Kind",
    "LocalPersona",
    "Persona",
    "PersonaError",
    "PersonaProblem",
    "ProblemKey",
    "QuietHours",
    "Translation",
    "build_prompt",
    "load_persona",
]
