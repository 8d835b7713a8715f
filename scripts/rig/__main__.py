"""`scripts/run`: a development house that runs until Ctrl-C."""

import argparse
import asyncio
import signal
import sys
import time
from pathlib import Path

from . import sound_card
from .client import Client, CommandError
from .config import Development, prepare
from .entries import conversation_agents, ensure_huxley, ensure_peers, ensure_pipelines
from .house import House, running_house
from .onboarding import PASSWORD, USER, NotOurHouseError, access_token
from .ports import LOOPBACK, PortTakenError
from .process import ROOT, ProcessDiedError

BY_HAND = """
This house has its own users, so the rig changes nothing in Home Assistant. By hand, in Settings > Devices & services:
  1. Wyoming Protocol, host 127.0.0.1, three times: port {tts} (speech), {stt} (recognition), {satellite} (satellite)
  2. Music Player Daemon, host 127.0.0.1, port {player}
  3. Huxley, with that satellite and that player as a room
"""
WELCOME = """
Home Assistant   {url}   user {user}, password {password}
The room         {page}   hear it, and talk to it
{card}
Three things to try:
  1. On the room's page: "Put on some music", or type it to Assist in Home Assistant.
  2. Settings > Tools > Actions > huxley.inject_turn, with the room and a message: the music goes down and comes back.
  3. Assist with the pipeline "Huxley en español": "Pon música".

Ctrl-C stops everything.
"""


def main() -> int:
    """Run; returns the exit code."""
    arguments = _arguments()
    code = 1
    try:
        code = asyncio.run(_run(arguments))
    except* (PortTakenError, ProcessDiedError, CommandError, FileNotFoundError) as group:
        for error in _leaves(group):
            print(f"\n{error}", file=sys.stderr)
    return code


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for part in error.exceptions for leaf in _leaves(part)]
    return [error]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/run", description="Run Huxley in a real Home Assistant.")
    parser.add_argument("--config", type=Path, default=ROOT / "config", help="configuration directory (config/)")
    parser.add_argument("--port", type=int, default=8123, help="of Home Assistant, in a new configuration (8123)")
    parser.add_argument("--host", default=LOOPBACK, help="address to listen on, in a new configuration (this machine)")
    parser.add_argument("--once-ready-exit", action="store_true", help="stop as soon as everything is ready")
    return parser.parse_args()


async def _run(arguments: argparse.Namespace) -> int:
    began = time.monotonic()
    development = prepare(arguments.config, arguments.port, host=arguments.host)
    for name in development.added:
        _say(f"added {arguments.config / name}")
    if development.port != arguments.port:
        _say(f"this configuration listens on {development.port}; --port is for a new one")
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with asyncio.TaskGroup() as group:
        stopping = group.create_task(stop.wait())
        living = group.create_task(_live(development, arguments, began))
        await asyncio.wait((stopping, living), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not living.done():
            print("\nStopping.")
            living.cancel()
    return 0 if living.cancelled() else living.result()


async def _live(development: Development, arguments: argparse.Namespace, began: float) -> int:
    async with running_house(development, host=arguments.host, say=_say) as house:
        try:
            token = await access_token(house.homeassistant.url)
        except NotOurHouseError:
            print(BY_HAND.format(**development.peers))
        else:
            await _furnish(house, development, token)
            card = sound_card.player()
            told = (
                f"Sound card       {card[0]}" if card else "No sound card here: the page is the way to hear the room."
            )
            print(
                WELCOME.format(
                    url=house.homeassistant.url.replace(LOOPBACK, "localhost"),
                    page=house.room.page,
                    user=USER,
                    password=PASSWORD,
                    card=told,
                )
            )
        _say(f"ready after {time.monotonic() - began:.0f} s")
        if arguments.once_ready_exit:
            return 0
        async with asyncio.TaskGroup() as group:
            if command := sound_card.player():
                playing = group.create_task(sound_card.play(house.room.loudspeaker, command))
            code = await house.homeassistant.wait()
            if command:
                playing.cancel()
        _say(f"Home Assistant ended with {code}")
        return code


async def _furnish(house: House, development: Development, token: str) -> None:
    async with Client(house.homeassistant.url, token) as client:
        _say("adding what is missing: speech, satellite, player")
        peers = await ensure_peers(client, development.peers)
        _say("adding what is missing: Huxley, a room")
        entry_id = await ensure_huxley(client, peers)
        agents = await conversation_agents(client, entry_id)
        _say("adding what is missing: Assist pipelines")
        await ensure_pipelines(client, peers, agents)


def _say(text: str) -> None:
    print(f"   {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
