"""`scripts/screenshots`: Huxley as a person sees it, clicked through and photographed."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser

from .client import Client
from .config import Development, prepare
from .entries import conversation_agents, ensure_kitchen, ensure_peers, ensure_pipelines
from .frontend import DESKTOP, LOOKS, Screen, chromium, logged_in
from .house import House, running_house
from .onboarding import access_token
from .ports import free_port
from .process import ROOT
from .room_pictures import Room, take_room

PICTURES = ROOT / "docs" / "images"
BROKEN = """\
version: 1
name: Grandma
voice: alloy
language_code: es
transcription_language: es
timezone: Europe/Madird
system_prompt: Answer warmly.
constraints: [never_say_on]
"""
"""A persona with two slips of the hand, for the error that names line and field."""


async def take(folder: Path) -> None:
    """Set up a house by clicking and take every picture."""
    with tempfile.TemporaryDirectory() as place:
        development = prepare(Path(place) / "house", free_port())
        async with running_house(development, kitchen=True) as house, chromium() as browser:
            token = await access_token(house.homeassistant.url)
            async with Client(house.homeassistant.url, token) as client:
                await ensure_peers(client, development.peers)
                await house.room.satellite.connected()
                await _setup(browser, house, development, folder)
                entry_id = (await client.entries("huxley"))[0]["entry_id"]
                await _pipelines(client, development, entry_id)
                room = await _room(client, entry_id)
                await ensure_kitchen(client, development.peers["kitchen"], entry_id)
                await take_room(browser, client, house, folder, room)


async def _setup(browser: Browser, house: House, development: Development, folder: Path) -> None:
    """Walk through the forms once for each look; the last one to the end, the others until they are closed."""
    for look in (*LOOKS[1:], DESKTOP):
        async with logged_in(browser, house.homeassistant.url, look, folder) as screen:
            await _begin(screen)
            await screen.picture("setup-personas")
            if look is DESKTOP:
                await _close(screen, "Welcome to Huxley")
                await _choose_broken(screen, development.path / "huxley" / "personas" / "grandma.yaml")
            await screen.flow.get_by_text("Abuelos").first.click()
            await screen.flow.get_by_role("button", name="Next").click()
            await _choose_room(screen)


async def _begin(screen: Screen) -> None:
    await screen.visit("/config/integrations/dashboard")
    await screen.page.get_by_role("button", name="Add integration").click()
    search = screen.page.locator("dialog-add-integration")
    await search.locator("input").first.fill("Huxley")
    await search.get_by_text("Huxley", exact=True).first.click()
    await screen.flow.get_by_text("Welcome to Huxley").wait_for()


async def _close(screen: Screen, shown: str) -> None:
    """Close a flow by hand: one that is only left would stay open."""
    await screen.flow.get_by_role("button", name="Close").first.click()
    await screen.flow.get_by_text(shown).first.wait_for(state="hidden")


async def _choose_broken(screen: Screen, file: Path) -> None:
    """Choose a persona with mistakes, look at what is said, and choose without it."""
    await asyncio.to_thread(_write, file, BROKEN)
    await _begin(screen)
    await screen.flow.get_by_text("grandma").first.click()
    await screen.flow.get_by_role("button", name="Next").click()
    await screen.flow.get_by_text("Europe/Madird").first.wait_for()
    await screen.picture("setup-broken-persona")
    await screen.flow.get_by_text("grandma").last.click()
    await asyncio.to_thread(file.unlink)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


async def _choose_room(screen: Screen) -> None:
    await screen.flow.get_by_text("Set up a room").click()
    await screen.flow.get_by_text("Voice satellite").first.wait_for()
    await screen.flow.locator("ha-entity-picker").nth(1).click()
    await screen.page.locator("ha-picker-combo-box, ha-combo-box-item").get_by_text("Music Player Daemon").first.click()
    await screen.picture("setup-room")
    if screen.look is not DESKTOP:
        await _close(screen, "Voice satellite")
        return
    await screen.flow.get_by_role("button", name="Submit").click()
    finish = screen.flow.get_by_role("button", name="finish")
    await finish.click()
    await finish.wait_for(state="hidden")


async def _pipelines(client: Client, development: Development, entry_id: str) -> None:
    agents = await conversation_agents(client, entry_id)
    await ensure_pipelines(client, await ensure_peers(client, development.peers), agents)


async def _room(client: Client, entry_id: str) -> Room:
    """The room that the forms made, still the only one."""
    player = await client.entity_of(entry_id, "media_player")
    entities = await client.command("config/entity_registry/list")
    device = next(entity["device_id"] for entity in entities if entity["entity_id"] == player)
    subentries = await client.command("config_entries/subentries/list", entry_id=entry_id)
    name = next(one["title"] for one in subentries if one["subentry_type"] == "room")
    return Room(name, player, device)


def main() -> int:
    """Take the pictures."""
    parser = argparse.ArgumentParser(prog="scripts/screenshots", description="Photograph Huxley in Home Assistant.")
    parser.add_argument("--into", type=Path, default=PICTURES, help="folder for the pictures (docs/images)")
    folder = parser.parse_args().into
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
