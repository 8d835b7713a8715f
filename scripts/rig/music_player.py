"""mpd, a real music player whose samples come through a pipe to the room's loudspeaker."""

import os
from pathlib import Path

from .process import Process

# What makes mpd prompt with a live stream, measured with 0.23:
# - `sndfile` reads three seconds of a WAV of unknown length before it gives up, so ffmpeg decodes WAV;
#   a small `probesize` lets it begin at once.
# - mpd fills a second of buffer before it plays; the smallest buffer it takes (128 KiB) holds 0.7 s of 48 kHz stereo.
# - Decoding into 48 kHz stereo makes its chunks 21 ms long: volume and pause act within 40 ms.
# - The fifo output keeps real time by itself and drops what nobody reads.
CONFIGURATION = """\
bind_to_address "127.0.0.1"
port "{port}"
zeroconf_enabled "no"
auto_update "no"
replaygain "off"
state_file "{folder}/state"
playlist_directory "{folder}"
audio_output_format "48000:16:2"
audio_buffer_size "128"
decoder {{
    plugin "sndfile"
    enabled "no"
}}
decoder {{
    plugin "ffmpeg"
    probesize "2048"
    analyzeduration "1"
}}
decoder {{
    plugin "wildmidi"
    enabled "no"
}}
audio_output {{
    type "fifo"
    name "The room"
    path "{folder}/room.fifo"
    format "48000:16:2"
    mixer_type "software"
}}
"""
PIPE_SIZE = 1 << 16  # bytes; what Linux gives a pipe
STEREO_SAMPLE = 4  # bytes


class MusicPlayer:
    """An mpd process and the reading end of its pipe (48 kHz, 16-bit, stereo)."""

    def __init__(self, port: int, folder: Path) -> None:
        self._port = port
        self._folder = folder
        configuration = folder / "mpd.conf"
        self._process = Process("mpd", ["mpd", "--no-daemon", "--stderr", str(configuration)], folder / "mpd.log")
        self._pipe: int | None = None
        self._odd = b""

    async def start(self) -> None:
        """Start mpd and open its pipe."""
        self._folder.mkdir(parents=True, exist_ok=True)
        text = CONFIGURATION.format(port=self._port, folder=self._folder)
        (self._folder / "mpd.conf").write_text(text)
        fifo = self._folder / "room.fifo"
        fifo.unlink(missing_ok=True)
        os.mkfifo(fifo)
        self._pipe = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        await self._process.start(self._port)

    async def stop(self) -> None:
        """Stop mpd and close the pipe."""
        await self._process.stop()
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None

    def forget(self) -> None:
        """Lose what it would play on by itself after its next start, as a power cut does."""
        (self._folder / "state").unlink(missing_ok=True)

    def read(self) -> bytes:
        """Return what has been played since the last call, in whole samples; never blocks."""
        if self._pipe is None:
            return b""
        try:
            pcm = self._odd + os.read(self._pipe, PIPE_SIZE)
        except BlockingIOError:
            return b""
        whole = len(pcm) - len(pcm) % STEREO_SAMPLE
        self._odd = pcm[whole:]
        return pcm[:whole]
