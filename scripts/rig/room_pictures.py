"""The pictures of a room at work: its page, its form, its media, and what automations are made of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, ViewportSize

from .client import Client
from .frontend import DESKTOP, LOOKS, Screen, logged_in
from .house import House

TALL = 1080  # for pages whose point is further down
LONG = 1280  # for the page of a room, with all its cards
SMALL = ViewportSize(width=720, height=560)
SHELF = "Music"
TRACK = "Huxley Waltz"
MESSAGE = {"message": "Dinner is ready."}
QUESTION = {
    "question": "The garage is open. Shall I close it?",
    "answers": [{"id": "yes"}, {"id": "no"}, {"id": "later", "sentences": ["[ask me] (later|again)"]}],
}


@dataclass(frozen=True, slots=True)
class Room:
    """The room that is photographed."""

    name: str
    player: str
    """Its media player, the target of actions."""

    device: str
    """Id of its device."""


async def take_room(browser: Browser, client: Client, house: House, folder: Path, room: Room) -> None:
    """Take all pictures of `room`, in each look; those that one look is enough for, on the desktop."""
    for look in LOOKS:
        async with logged_in(browser, house.homeassistant.url, look, folder) as screen:
            await _assist(screen)
            await client.wait_state(room.player, lambda state: bool(state["state"] == "playing"))
            await _device(screen, room)
            await _media(screen, room)
            await client.action("huxley.interrupt", target={"entity_id": room.player})
            await _form(screen, room)
            if look is DESKTOP:
                await _triggers(screen)
                await _integration(screen, room)
                await _action(screen, room, "huxley.inject_turn", MESSAGE, "action")
                await _action(screen, room, "huxley.ask", QUESTION, "action-ask")
                await _page(screen, house)


async def _assist(screen: Screen) -> None:
    await screen.page.get_by_text("Welcome Huxley").wait_for()
    await screen.page.keyboard.press("a")
    dialog = screen.page.locator("ha-voice-command-dialog")
    question = dialog.locator("input").first
    await question.fill("Put on some music")
    await question.press("Enter")
    await dialog.get_by_text(f"Playing {TRACK}.").wait_for()
    await screen.picture("assist")


async def _device(screen: Screen, room: Room) -> None:
    await screen.visit(f"/config/devices/device/{room.device}")
    await screen.page.get_by_text("Add to dashboard").first.wait_for()
    async with screen.height(LONG):
        await screen.picture("room-device")


async def _media(screen: Screen, room: Room) -> None:
    """Open the shelf of a skill in the media browser, while the room plays."""
    await screen.visit(f"/media-browser/{room.player}")
    await screen.page.locator("ha-media-player-browse .child").filter(has_text=SHELF).first.click()
    await screen.page.locator("ha-media-player-browse").get_by_text(TRACK).first.wait_for()
    await screen.picture("media-browser")


async def _form(screen: Screen, room: Room) -> None:
    """Open a room's form from the integration's page, unfold its second half, and leave it as it was."""
    await screen.visit("/config/integrations/integration/huxley")
    row = screen.page.locator("ha-config-sub-entry-row").filter(has_text=room.name)
    await row.get_by_role("button", name="Edit room").click()
    more = screen.flow.get_by_text("More", exact=True)
    await more.wait_for()
    await more.click()
    async with screen.height(LONG):
        await screen.settled()
        await more.evaluate("header => header.scrollIntoView({block: 'start'})")
        await screen.picture("room-more")
    await screen.flow.get_by_role("button", name="Close").first.click()


async def _triggers(screen: Screen) -> None:
    await screen.visit("/config/automation/edit/new")
    await screen.page.get_by_role("button", name="Add trigger").first.click()
    await screen.page.locator("add-automation-element-dialog input").first.fill("room")
    await screen.page.get_by_text("Room has answered").first.wait_for()
    await screen.picture("triggers")


async def _integration(screen: Screen, room: Room) -> None:
    await screen.visit("/config/integrations/integration/huxley")
    await screen.page.get_by_text(room.name).first.wait_for()
    async with screen.height(TALL):
        await screen.picture("integration")


async def _action(screen: Screen, room: Room, action: str, data: Mapping[str, Any], name: str) -> None:
    """Show an action as a person left it: the frontend keeps what was filled in, in the browser."""
    filled = {"action": action, "target": {"entity_id": [room.player]}, "data": data}
    await screen.page.evaluate(
        "([key, value]) => localStorage.setItem(key, value)",
        ["panel-dev-action-state-service-data", json.dumps(filled)],
    )
    await screen.visit("/config/tools/action")
    await screen.page.get_by_text("Spoken word for word").first.wait_for()
    async with screen.height(TALL):
        await screen.picture(name)


async def _page(screen: Screen, house: House) -> None:
    """The rig's own page of the room."""
    await screen.page.set_viewport_size(SMALL)
    await screen.page.goto(house.room.page)
    await screen.page.get_by_role("button", name="Say it to the room").click()
    await screen.page.get_by_text("Answered").wait_for()
    await screen.page.locator("tbody tr").first.get_by_text("music starts").wait_for()
    await screen.picture("rig-room")
