"""A persona's skills at work in a room: made, set up, and torn down; what fails is a repair issue."""

import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..engine.errors import SkillError
from ..engine.persona import Persona
from ..engine.skill.claim import StartInputClaim
from ..engine.skill.context import PersonaInfo, RoomInfo, SkillContext
from ..engine.skill.home import Home
from ..engine.skill.inject import InjectTurn
from ..engine.skill.logger import SkillLogger
from ..engine.skill.skill import Skill, check_config
from ..engine.skill.storage import Storage
from ..engine.skill.supervision import Supervisor
from ..engine.skill.words import Words, replies_by_language
from ..engine.turn.context import current_turn_id
from .skill_packages import SkillPackage, SkillPackages
from .storage import SkillStorage

_LOGGER = logging.getLogger(__name__)

ISSUE_UNKNOWN = "skill_unknown"
ISSUE_SETUP_FAILED = "skill_setup_failed"
ISSUE_FAILED = "skill_failed"
ISSUES = (ISSUE_UNKNOWN, ISSUE_SETUP_FAILED, ISSUE_FAILED)

ERROR_LENGTH = 1000  # a repair issue is read by people; the log has the whole traceback


@dataclass(frozen=True, slots=True)
class RoomPorts:
    """What a room lends to the skills that work in it."""

    room: RoomInfo
    home: Home
    inject_turn: InjectTurn
    start_input_claim: StartInputClaim


class SkillShelf:
    """What all rooms share: the packages on disk and what skills remember."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.hass = hass
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
            for issue in ISSUES:
                ir.async_delete_issue(hass, DOMAIN, self._issue_id(issue, name))
            if name not in available:
                _LOGGER.warning("skill.unknown persona=%s skill=%s", self._persona.id, name)
                self._raise_issue(ISSUE_UNKNOWN, name)
                continue
            try:
                await self._setup_skill(name, await hass.async_add_executor_job(packages.load, name))
            except SkillError as err:
                _LOGGER.warning("skill.not_ready persona=%s skill=%s error=%s", self._persona.id, name, err)
                self._raise_issue(ISSUE_SETUP_FAILED, name, str(err))
            except Exception as err:
                _LOGGER.exception("skill.setup_failed persona=%s skill=%s", self._persona.id, name)
                self.skills.pop(name, None)
                self._raise_issue(ISSUE_SETUP_FAILED, name, "".join(traceback.format_exception(err, limit=-3)))

    async def teardown(self) -> None:
        """End background tasks, then every skill."""
        for supervisor in self._supervisors:
            await supervisor.stop()
        for name, skill in self.skills.items():
            try:
                await skill.teardown()
            except Exception:
                _LOGGER.exception("skill.teardown_failed persona=%s skill=%s", self._persona.id, name)

    async def _setup_skill(self, name: str, package: SkillPackage) -> None:
        """A skill whose `setup` raises `SkillError` stays: its tools say what is missing when they are called."""
        config = check_config(package.skill_class, self._persona.in_language(None).skills.get(name, {}))
        skill = package.skill_class()
        self.packages[name] = package
        self.skills[name] = skill
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
        self._raise_issue(ISSUE_FAILED, name, f"{task}: {error!r}")

    def _issue_id(self, issue: str, name: str) -> str:
        return f"{issue}_{self._persona.id}_{name}"

    def _raise_issue(self, issue: str, name: str, error: str | None = None) -> None:
        placeholders = {"persona": self._persona.name, "skill": name}
        if error is not None:
            placeholders["error"] = error[-ERROR_LENGTH:]
        ir.async_create_issue(
            self._shelf.hass,
            DOMAIN,
            self._issue_id(issue, name),
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=issue,
            translation_placeholders=placeholders,
        )
