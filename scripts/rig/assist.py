"""One run of an Assist pipeline over the WebSocket, the way the browser does it."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from .client import Client, CommandError
from .espeak import MICROPHONE_RATE

CHUNK = MICROPHONE_RATE // 10 * 2  # bytes; a tenth of a second
SILENCE = bytes(MICROPHONE_RATE * 2)  # a second: what tells the pipeline that the question is over
RUN_LIMIT = timedelta(seconds=60)


@dataclass(slots=True)
class Run:
    """What a pipeline made of a question."""

    transcript: str = ""
    answer: str = ""
    speech_url: str = ""
    events: list[str] = field(default_factory=list)


async def ask_aloud(client: Client, pipeline: str, pcm: bytes) -> Run:
    """Run a pipeline on 16 kHz mono PCM; `CommandError` when the pipeline reports an error."""
    options = {"start_stage": "stt", "input": {"sample_rate": MICROPHONE_RATE}}
    return await _run(client, pipeline, options, pcm + SILENCE)


async def ask_in_writing(client: Client, pipeline: str, text: str) -> Run:
    """Run a pipeline on text; `CommandError` when the pipeline reports an error."""
    return await _run(client, pipeline, {"start_stage": "intent", "input": {"text": text}}, b"")


async def _run(client: Client, pipeline: str, options: dict[str, Any], pcm: bytes) -> Run:
    run = Run()
    handler = 0
    async with (
        client.subscribe("assist_pipeline/run", end_stage="tts", pipeline=pipeline, **options) as events,
        asyncio.timeout(RUN_LIMIT.total_seconds()),
    ):
        while not run.events or run.events[-1] != "run-end":
            event = await events.get()
            kind, data = event["type"], event.get("data") or {}
            run.events.append(kind)
            if kind == "error":
                raise CommandError(f"The pipeline failed: {data}")
            if kind == "run-start":
                handler = data["runner_data"]["stt_binary_handler_id"] or 0
            elif kind == "stt-start":
                for start in range(0, len(pcm), CHUNK):
                    await client.send_audio(handler, pcm[start : start + CHUNK])
                await client.send_audio(handler, b"")
            elif kind == "stt-end":
                run.transcript = data["stt_output"]["text"]
            elif kind == "intent-end":
                run.answer = data["intent_output"]["response"]["speech"]["plain"]["speech"]
            elif kind == "tts-end":
                run.speech_url = data["tts_output"]["url"]
    return run
