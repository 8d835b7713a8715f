"""The persona schema, version 1: which fields there are and what each may hold."""

import re
from datetime import time
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from .constraints import Constraint
from .document import Node, Plain
from .persona import I18N, REPLIES, UI_STRINGS, VERSION, Persona, QuietHours, Translation
from .problems import Kind, ProblemKey, Problems, nearest
from .section import Section

FIELDS: Final = (
    "version",
    "name",
    "voice",
    "language_code",
    "transcription_language",
    "timezone",
    "system_prompt",
    "constraints",
    "ui_strings",
    "i18n",
    "skills",
    "description",
    "model",
    "quiet_hours",
    "tools",
)
TRANSLATION_FIELDS: Final = ("transcription_language", "system_prompt", "ui_strings")
QUIET_FIELDS: Final = ("from", "to")

_TIME: Final = re.compile(r"(?P<hour>[01]?[0-9]|2[0-3]):(?P<minute>[0-5][0-9])(:(?P<second>[0-5][0-9]))?")


def read_persona(root: Node, persona_id: str, problems: Problems) -> Persona:
    """Read a whole file. What is wrong is noted in `problems`; the persona is of use only if nothing was."""
    if root.kind is Kind.NOTHING:
        problems.add(root.place, ProblemKey.WRONG_TYPE, expected=Kind.MAPPING, found=Kind.NOTHING)
    top = Section(root, problems, FIELDS)
    return Persona(
        id=persona_id,
        version=_version(top, problems),
        name=top.text("name"),
        voice=top.text("voice"),
        language_code=top.language("language_code"),
        transcription_language=top.language("transcription_language"),
        timezone=_timezone(top, problems),
        system_prompt=top.text("system_prompt"),
        constraints=_constraints(top, problems),
        ui_strings=top.texts("ui_strings", UI_STRINGS),
        i18n=_translations(top, problems),
        skills={name: _skill(node, problems) for name, node in top.section("skills")},
        description=top.optional_text("description"),
        model=top.plain("model"),
        quiet_hours=_quiet_hours(top, problems),
        tools=_tools(top, problems),
    )


def _version(top: Section, problems: Problems) -> int:
    node = top.require("version")
    # True equals 1, and 1.0 does too; neither is a version.
    if node and (node.kind is not Kind.NUMBER or node.text != str(VERSION)):
        problems.add(node.place, ProblemKey.BAD_VERSION, found=node.text or node.kind, expected=str(VERSION))
    return VERSION


def _timezone(top: Section, problems: Problems) -> str:
    zone = top.text("timezone")
    node = top.find("timezone")
    if node and zone.strip() and not _is_timezone(zone):
        suggestion = nearest(zone, sorted(available_timezones()))
        problems.add(node.place, ProblemKey.BAD_TIMEZONE, timezone=zone, suggestion=suggestion)
    return zone


def _is_timezone(zone: str) -> bool:
    """Ask the time zone database, which itself refuses a name that leads out of it."""
    try:
        ZoneInfo(zone)
    except KeyError, ValueError, OSError:
        return False
    return True


def _constraints(top: Section, problems: Problems) -> frozenset[Constraint]:
    known = tuple(Constraint)
    found: set[Constraint] = set()
    for node in top.items("constraints"):
        name = top.read_text(node)
        if name in known:
            found.add(Constraint(name))
        elif node.kind is Kind.TEXT:
            problems.add(
                node.place,
                ProblemKey.UNKNOWN_CONSTRAINT,
                constraint=name,
                suggestion=nearest(name, known),
                known=", ".join(known),
            )
    return frozenset(found)


def _translations(top: Section, problems: Problems) -> dict[str, Translation]:
    translations: dict[str, Translation] = {}
    for code, node in top.by_language(I18N):
        part = Section(node, problems, TRANSLATION_FIELDS)
        translations[code] = Translation(
            part.optional_language("transcription_language"),
            part.optional_text("system_prompt"),
            part.texts("ui_strings", UI_STRINGS),
        )
    return translations


def _skill(node: Node, problems: Problems) -> dict[str, Plain]:
    """Read one skill's config: its own keys are its own affair, `replies` and `i18n` are ours."""
    config = Section(node, problems)
    config.texts(REPLIES)
    translated = {code: _skill_translation(over, problems) for code, over in config.by_language(I18N)}
    plain = {key: value.plain() for key, value in config if key != I18N}
    return {**plain, I18N: translated} if translated else plain


def _skill_translation(node: Node, problems: Problems) -> Plain:
    over = Section(node, problems)
    over.texts(REPLIES)
    return {key: value.plain() for key, value in over}


def _quiet_hours(top: Section, problems: Problems) -> QuietHours | None:
    if top.find("quiet_hours") is None:
        return None
    part = top.section("quiet_hours", QUIET_FIELDS)
    start, end = (_time(part.require(key), problems) for key in QUIET_FIELDS)
    if start is None or end is None:
        return None
    if start == end and (node := part.find("to")):
        problems.add(node.place, ProblemKey.SAME_TIME, time=node.text)
    return QuietHours(start, end)


def _time(node: Node | None, problems: Problems) -> time | None:
    if node is None:
        return None
    if match := _TIME.fullmatch(node.text):
        return time(int(match["hour"]), int(match["minute"]), int(match["second"] or 0))
    problems.add(node.place, ProblemKey.BAD_TIME, time=node.text or node.kind)
    return None


def _tools(top: Section, problems: Problems) -> tuple[()]:
    if top.items("tools") and (node := top.find("tools")):
        problems.add(node.key_place, ProblemKey.UNSUPPORTED_KEY, key="tools")
    return ()
