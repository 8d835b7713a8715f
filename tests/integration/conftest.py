"""A house for integration tests: a real Home Assistant core with a folder of its own and the parts that we stand on."""

import shutil
from collections.abc import Callable, Generator
from pathlib import Path
from unittest.mock import AsyncMock, patch

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

import custom_components  # noqa: F401  # first: the test kit ships a package of this name that would win later
from custom_components.huxley.const import DOMAIN
from tests.integration.building import persona_text


@pytest.fixture(autouse=True)
def custom_integrations(enable_custom_integrations: None) -> None:
    """Let Home Assistant find Huxley."""


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """Give every test a configuration folder of its own: personas, stores and speech files stay apart."""
    return str(tmp_path)


@pytest.fixture
async def house(hass: HomeAssistant) -> HomeAssistant:
    """A running core with the components that every house has."""
    for component in ("homeassistant", "http", "conversation", "assist_pipeline", "file_upload", "media_player"):
        assert await async_setup_component(hass, component, {})
    return hass


@pytest.fixture
def entry_setup() -> Generator[AsyncMock]:
    """Stand in for the set-up of an entry, for tests of forms alone."""
    package = "custom_components.huxley"
    with (
        patch(f"{package}.async_setup_entry", AsyncMock(return_value=True), create=True) as setup,
        patch(f"{package}.async_unload_entry", AsyncMock(return_value=True), create=True),
    ):
        yield setup


@pytest.fixture
def own_personas(hass: HomeAssistant) -> Path:
    """The house's own folder of personas, empty."""
    folder = Path(hass.config.config_dir) / DOMAIN / "personas"
    folder.mkdir(parents=True)
    return folder


type WritePersona = Callable[..., str]


@pytest.fixture
def write_persona(own_personas: Path) -> WritePersona:
    """Write a sound persona into the house's own folder, with `extra` YAML at its end, and return its text."""

    def write(persona_id: str, *, name: str | None = None, language: str = "en", extra: str = "") -> str:
        text = persona_text(name or persona_id.capitalize(), language) + extra
        (own_personas / f"{persona_id}.yaml").write_text(text, encoding="utf-8")
        return text

    return write


@pytest.fixture(autouse=True)
def clean_speech_cache(hass_config_dir: str) -> Generator[None]:
    """Leave no spoken files behind for the next test."""
    yield
    shutil.rmtree(Path(hass_config_dir) / "tts", ignore_errors=True)
