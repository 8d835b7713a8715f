"""The media player of an ESPHome device: what its commands do to the two pipelines, and the state that it reports."""

from collections.abc import Callable
from typing import Any, ClassVar

from aioesphomeapi import MediaPlayerCommand as Command
from aioesphomeapi import MediaPlayerState as State

from .esphome_loudspeaker import DeviceLoudspeaker
from .esphome_pipeline import SoundPipeline
from .esphome_wire import Message, pb

KEY = 1
VOLUME_STEP = 0.05


class DevicePlayer:
    """Obeys commands, and reports its state from `loop`, as ESPHome's `speaker` media player does."""

    def __init__(self, send: Callable[[Message], None], note: Callable[..., None]) -> None:
        self._send = send
        self._note = note
        self._paused = False
        self._reported: State | None = None
        self.announcements = SoundPipeline(self._failed)
        self.media = SoundPipeline(self._failed)
        self.loudspeaker: DeviceLoudspeaker
        self.claimed: State | None = None
        """A fault: the state that it reports whatever it does."""

    @property
    def announcing(self) -> bool:
        """Whether the announcement pipeline plays."""
        return self.announcements.active

    @property
    def state(self) -> State:
        """What it does. An announcement is reported as playing: the protocol's clients know no other word."""
        if self.announcements.active:
            return State.PLAYING
        if self._paused:
            return State.PAUSED
        return State.PLAYING if self.media.active else State.IDLE

    def loop(self) -> None:
        """Report a state that has changed."""
        if (self.claimed or self.state) is not self._reported:
            self.report()

    def report(self) -> None:
        """Tell the client how it is."""
        self._reported = self.claimed or self.state
        speaker = self.loudspeaker
        self._send(
            pb.MediaPlayerStateResponse(key=KEY, state=self._reported, volume=speaker.volume, muted=speaker.muted)
        )

    def obey(self, request: Message) -> None:
        """Do what a `MediaPlayerCommandRequest` asks for."""
        command = Command(request.command) if request.has_command else None
        announcement = request.has_announcement and request.announcement
        if request.has_media_url:
            self.play(request.media_url, announcement=announcement, enqueue=command is Command.ENQUEUE)
            return
        if request.has_volume:
            self.set_volume(request.volume)
        if command is Command.STOP:
            self.stop(announcement=announcement)
        elif command in self._commands:
            self._commands[command](self)

    def play(self, url: str, *, announcement: bool, enqueue: bool = False) -> None:
        """Play a URL: an announcement beside the media, media instead of what was paused or played."""
        pipeline = self.announcements if announcement else self.media
        if enqueue:
            pipeline.enqueue(url)
            return
        pipeline.play(url)
        if not announcement:
            self._paused = False

    def stop(self, *, announcement: bool) -> None:
        """Stop one of the pipelines; the other is not touched."""
        if announcement:
            self.announcements.stop()
        else:
            self.media.stop()
            self._paused = False

    @staticmethod
    def told(request: Message) -> dict[str, Any]:
        """Return what a `MediaPlayerCommandRequest` says, in words: `command`, `url`, `announcement`, `volume`."""
        said: dict[str, Any] = {}
        if request.has_command:
            said["command"] = Command(request.command).name.lower()
        if request.has_media_url:
            said["url"] = request.media_url
        if request.has_announcement:
            said["announcement"] = request.announcement
        if request.has_volume:
            said["volume"] = round(request.volume, 3)
        return said

    def pause(self, *, paused: bool) -> None:
        """Pause the media, or go on; announcements do not follow."""
        self._paused = self.media.paused = paused

    def set_volume(self, volume: float) -> None:
        """Turn the volume of both pipelines, 0 to 1; a person's hand on the device does the same."""
        self.loudspeaker.volume = min(1.0, max(0.0, volume))
        self.report()

    def _mute(self, *, muted: bool) -> None:
        self.loudspeaker.muted = muted
        self.report()

    def _failed(self, url: str, why: str) -> None:
        self._note("fetch failed", url=url, why=why)

    _commands: ClassVar[dict[Any, Callable[[DevicePlayer], None]]] = {
        Command.PLAY: lambda self: self.pause(paused=False),
        Command.PAUSE: lambda self: self.pause(paused=True),
        Command.TOGGLE: lambda self: self.pause(paused=not self._paused),
        Command.MUTE: lambda self: self._mute(muted=True),
        Command.UNMUTE: lambda self: self._mute(muted=False),
        Command.VOLUME_UP: lambda self: self.set_volume(self.loudspeaker.volume + VOLUME_STEP),
        Command.VOLUME_DOWN: lambda self: self.set_volume(self.loudspeaker.volume - VOLUME_STEP),
    }
