"""Everything a skill may import, and nothing else: `from custom_components.huxley.sdk import Skill, tool`."""

from ..engine.errors import ClaimBusyError, HuxleyError, SkillError
from ..engine.focus.channels import ContentType
from ..engine.skill.catalog import Catalog, CatalogError, CatalogItem, CatalogPage, ItemKind, skip
from ..engine.skill.claim import ClaimHandle
from ..engine.skill.context import PersonaInfo, RoomInfo, SkillContext
from ..engine.skill.effects import (
    AudioStream,
    CancelMedia,
    ClaimEndReason,
    InputClaim,
    Place,
    PlayMedia,
    PlaySound,
    SetVolume,
    SideEffect,
)
from ..engine.skill.folding import fold
from ..engine.skill.home import EntityState, Home
from ..engine.skill.inject import InjectOutcome, InjectPriority, InjectStatus
from ..engine.skill.logger import SkillLogger
from ..engine.skill.result import ToolResult
from ..engine.skill.schema import Range
from ..engine.skill.skill import Skill
from ..engine.skill.storage import Json, Storage
from ..engine.skill.tool import ToolDefinition, tool

__all__ = [
    "AudioStream",
    "CancelMedia",
    "Catalog",
    "CatalogError",
    "CatalogItem",
    "CatalogPage",
    "ClaimBusyError",
    "ClaimEndReason",
    "ClaimHandle",
    "ContentType",
    "EntityState",
    "Home",
    "HuxleyError",
    "InjectOutcome",
    "InjectPriority",
    "InjectStatus",
    "InputClaim",
    "ItemKind",
    "Json",
    "PersonaInfo",
    "Place",
    "PlayMedia",
    "PlaySound",
    "Range",
    "RoomInfo",
    "SetVolume",
    "SideEffect",
    "Skill",
    "SkillContext",
    "SkillError",
    "SkillLogger",
    "Storage",
    "ToolDefinition",
    "ToolResult",
    "fold",
    "skip",
    "tool",
]
