"""What devices fetch by URL: a skill's audio, and silence."""

from contextlib import aclosing
from http import HTTPStatus

from aiohttp import web
from homeassistant.components.http import KEY_HASS, HomeAssistantView

from .runtime.speakers.silence import SILENCE_PATH, silent_wav
from .runtime.streams import LIVE_STREAMS, STREAM_PATH, LiveStream


class StreamView(HomeAssistantView):
    """Serves each live stream under its own unguessable name; Home Assistant checks the URL's signature."""

    url = STREAM_PATH + "{name}"
    name = "api:huxley:stream"
    requires_auth = True

    async def head(self, request: web.Request, name: str) -> web.Response:
        """Say what it would be; some devices ask first."""
        stream = _find(request, name)
        return web.Response(content_type=stream.format.content_type, headers={"Cache-Control": "no-store"})

    async def get(self, request: web.Request, name: str) -> web.StreamResponse:
        """Send it, no faster than it is heard, until it ends or the device hangs up."""
        stream = _find(request, name)
        response = web.StreamResponse(headers={"Content-Type": stream.format.content_type, "Cache-Control": "no-store"})
        await response.prepare(request)
        async with aclosing(stream.packed()) as pieces:
            async for piece in pieces:
                await response.write(piece)
        await response.write_eof()
        return response


class CoverView(HomeAssistantView):
    """Says that a stream has no cover.

    Players look for one beside the audio, without the URL's signature; a refusal would look like a failed login.
    """

    url = STREAM_PATH + "{name:cover\\.[a-z]+}"
    name = "api:huxley:stream:cover"
    requires_auth = False

    async def get(self, request: web.Request, name: str) -> web.Response:
        """There is none."""
        return web.Response(status=HTTPStatus.NOT_FOUND)


class SilenceView(HomeAssistantView):
    """Serves a tenth of a second of nothing, which takes the place of what a device announces."""

    url = SILENCE_PATH
    name = "api:huxley:silence"
    requires_auth = True

    async def get(self, request: web.Request) -> web.Response:
        """Send it."""
        return web.Response(body=silent_wav(), content_type="audio/wav", headers={"Cache-Control": "no-store"})


def _find(request: web.Request, name: str) -> LiveStream:
    stream = request.app[KEY_HASS].data.get(LIVE_STREAMS, {}).get(name)
    if stream is None:
        raise web.HTTPNotFound(text="This stream is over.")
    return stream
