"""What the skills that ship understand: what a recogniser should be able to hear."""

from pathlib import Path

from custom_components.huxley.engine.model.offline.enumerate import enumerate_sentences
from custom_components.huxley.engine.skill.sentences import parse_sentences

from .process import ROOT

SKILLS = ROOT / "skills"
LANGUAGE = "en"  # the only one that pocketsphinx brings a model for
TUNES = "title"  # the list that the music skill fills with what its folder holds


def skill_sentences(skills: Path = SKILLS) -> set[str]:
    """Return every English sentence that the skills which ship understand."""
    lists = {TUNES: [sound.stem.replace("_", " ") for sound in skills.glob("music/sounds/*")]}
    found: set[str] = set()
    for file in sorted(skills.glob(f"*/sentences/{LANGUAGE}.yaml")):
        found |= enumerate_sentences(parse_sentences(file.read_text(), str(file), LANGUAGE), lists)
    return found
