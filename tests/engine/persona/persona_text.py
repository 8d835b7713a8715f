"""Persona files for the tests, as text."""

from pathlib import Path

import pytest

from custom_components.huxley.engine.persona import PersonaError, PersonaProblem, load_persona

SHIPPED = Path(__file__).parents[3] / "personas"

MINIMAL = """\
version: 1
name: Ada
voice: alloy
language_code: en
transcription_language: en
timezone: Europe/London
system_prompt: You are Ada.
"""
"""Seven lines; what a test adds begins on line 8."""


def with_lines(*lines: str) -> str:
    """Return the minimal persona with `lines` below it."""
    return MINIMAL + "\n".join(lines) + "\n"


def replaced(key: str, value: str) -> str:
    """Return the minimal persona with another value for `key`."""
    lines = (f"{key}: {value}" if line.startswith(f"{key}:") else line for line in MINIMAL.splitlines())
    return "\n".join(lines) + "\n"


def without(key: str) -> str:
    """Return the minimal persona without `key`."""
    return "".join(line for line in MINIMAL.splitlines(keepends=True) if not line.startswith(f"{key}:"))


def problems_of(text: str) -> tuple[PersonaProblem, ...]:
    """Return what is wrong with `text`."""
    with pytest.raises(PersonaError) as caught:
        load_persona(text, "ada")
    return caught.value.problems


def only_problem_of(text: str) -> PersonaProblem:
    """Return the one thing that is wrong with `text`."""
    (problem,) = problems_of(text)
    return problem
