"""A persona's skills at work in a room: made, set up, and torn down; what fails is a repair issue."""

import asyncio
import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..engine.errors import SkillError
from ..engine.persona import Persona
from ..engine.skill.claim import StartInputClaim
from ..engine.skill.context import PersonaInfo, RoomInfo, SkillContext
from ..engine.skill.home import Home
from ..engine.skill.inject import InjectTurn
from ..engine.skill.logger import SkillLogger
from ..engine.skill.registry import Registry
from ..engine.skill.skill import Skill, check_config
from ..engine.skill.storage import Storage
from ..engine.skill.supervision import Supervisor
from ..engine.skill.words import Words, replies_by_language
from ..engine.turn.context import current_turn_id
from .issues import Issues
from .skill_packages import SkillPackage, SkillPackages
from .storage import SkillStorage

_LOGGER = logging.getLogger(__name__)

ISSUE_UNKNOWN = "skill_unknown"
ISSUE_SETUP_FAILED = "skill_setup_failed"
ISSUE_FAILED = "skill_failed"
ISSUES = (ISSUE_UNKNOWN, ISSUE_SETUP_FAILED, ISSUE_FAILED)

SETUP_LIMIT = timedelta(seconds=30)  # a skill that takes longer must not hold up the house
TEARDOWN_LIMIT = timedelta(seconds=10)
ERROR_LENGTH = 1000  # a repair issue is read by people; the log has the whole traceback


@dataclass(frozen=True, slots=True)
class RoomPorts:
    """What a room lends to the skills that work in it."""

    room: RoomInfo
    home: Home
    inject_turn: InjectTurn
    start_input_claim: StartInputClaim


class SkillShelf:
    """What all rooms share: the packages on disk, what skills remember, and what is wrong with them."""

    def __init__(self, hass: HomeAssistant, issues: Issues) -> None:
        self.hass = hass
        self.issues = issues
        self.packages = SkillPackages(hass.config.config_dir)
        self._storages: dict[tuple[str, str], SkillStorage] = {}

    def storage(self, persona_id: str, skill: str) -> Storage:
        """The one store of a persona's skill."""
        key = (persona_id, skill)
        if key not in self._storages:
            self._storages[key] = SkillStorage(self.hass, persona_id, skill)
        return self._storages[key]

    async def flush(self) -> None:
        """Write everything that is not on disk yet."""
        for storage in self._storages.values():
            await storage.flush()


class SkillSet:
    """The skills of one persona in one room."""

    def __init__(self, shelf: SkillShelf, persona: Persona, ports: RoomPorts) -> None:
        self.skills: dict[str, Skill] = {}
        self.packages: dict[str, SkillPackage] = {}
        self._shelf = shelf
        self._persona = persona
        self._ports = ports
        self._supervisors: list[Supervisor] = []

    async def setup(self) -> None:
        """Set up every skill that the persona names. One that fails does not touch the others."""
        hass, packages = self._shelf.hass, self._shelf.packages
        available = await hass.async_add_executor_job(packages.available)
        for name in self._persona.skills:
            if name not in available:
                _LOGGER.warning("skill.unknown persona=%s skill=%s", self._persona.id, name)
                self._tell(name, ISSUE_UNKNOWN)
            elif (error := await self._bring_up(name)) is not None:
                self._tell(name, ISSUE_SETUP_FAILED, error)
            else:
                self._tell(name, None)

    async def _bring_up(self, name: str) -> str | None:
        """Load a skill and set it up; returns what went wrong.

        A skill whose `setup` raises `SkillError` stays: its tools say what is missing when they are called.
        """
        error: str | None = None
        try:
            package = await self._shelf.hass.async_add_executor_job(self._shelf.packages.load, name)
            await self._setup_skill(name, package)
        except SkillError as err:
            _LOGGER.warning("skill.not_ready persona=%s skill=%s error=%s", self._persona.id, name, err)
            error = str(err)
        except TimeoutError:
            _LOGGER.warning("skill.setup_hangs persona=%s skill=%s after=%s", self._persona.id, name, SETUP_LIMIT)
            self.skills.pop(name, None)
            error = f"setup did not end within {SETUP_LIMIT.total_seconds():.0f} s"
        except Exception as err:
            _LOGGER.exception("skill.setup_failed persona=%s skill=%s", self._persona.id, name)
            self.skills.pop(name, None)
            error = "".join(traceback.format_exception(err, limit=-3))
        return self._fits(name) or error

    def _fits(self, name: str) -> str | None:
        """What keeps a skill's tools from standing beside those of the others; such a skill stays away."""
        try:
            Registry(self.skills)
        except Exception as err:  # noqa: BLE001 (a skill makes its list of tools with code of its own)
            _LOGGER.warning("skill.tools_unusable persona=%s skill=%s error=%r", self._persona.id, name, err)
            self.skills.pop(name, None)
            return str(err) or repr(err)
        return None

    async def teardown(self) -> None:
        """End background tasks, then every skill."""
        for supervisor in self._supervisors:
            await supervisor.stop()
        for name, skill in self.skills.items():
            try:
                async with asyncio.timeout(TEARDOWN_LIMIT.total_seconds()):
                    await skill.teardown()
            except Exception:
                _LOGGER.exception("skill.teardown_failed persona=%s skill=%s", self._persona.id, name)

    async def _setup_skill(self, name: str, package: SkillPackage) -> None:
        config = check_config(package.skill_class, self._persona.in_language(None).skills.get(name, {}))
        skill = package.skill_class()
        self.packages[name] = package
        self.skills[name] = skill
        async with asyncio.timeout(SETUP_LIMIT.total_seconds()):
            await skill.setup(self._context(name, package, config))

    def _context(self, name: str, package: SkillPackage, config: Mapping[str, object]) -> SkillContext:
        persona, hass = self._persona, self._shelf.hass
        logger = SkillLogger(name, logging.getLogger(f"{DOMAIN}.skill.{name}"), current_turn_id.get)
        supervisor = Supervisor(name, logger, partial(self._gave_up, name))
        self._supervisors.append(supervisor)
        replies = replies_by_language(persona.skills[name], persona.language_code)
        zone = ZoneInfo(persona.timezone)
        return SkillContext(
            logger=logger,
            storage=self._shelf.storage(persona.id, name),
            config=config,
            default_language=persona.language_code,
            persona=PersonaInfo(persona.id, persona.name),
            constraints=frozenset(persona.constraints),
            room=self._ports.room,
            home=self._ports.home,
            data_path=Path(hass.config.path(DOMAIN, "data", persona.id)),
            words=Words(replies, package.responses, persona.language_code, logger),
            clock=lambda: datetime.fromtimestamp(dt_util.utcnow().timestamp(), zone),
            inject_turn=self._ports.inject_turn,
            start_input_claim=self._ports.start_input_claim,
            supervisor=supervisor,
        )

    def _gave_up(self, name: str, task: str, error: Exception) -> None:
        self._tell(name, ISSUE_FAILED, f"{task}: {error!r}")

    def _tell(self, name: str, issue: str | None, error: str | None = None) -> None:
        """Raise the one issue that a skill has now, or none, in place of those that it had."""
        placeholders = {"persona": self._persona.name, "skill": name}
        if error is not None:
            placeholders["error"] = error[-ERROR_LENGTH:]
        for kind in ISSUES:
            issue_id = f"{kind}_{self._persona.id}_{name}"
            if kind == issue:
                self._shelf.issues.tell(issue_id, kind, placeholders)
            else:
                self._shelf.issues.clear(issue_id)
