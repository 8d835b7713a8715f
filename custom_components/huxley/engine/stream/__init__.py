"""A speaker made of a client that we feed PCM: the web card, a small device, a simulated room."""

from .microphone import StreamMicrophone
from .playback import StreamPlayback
from .reply import StreamReply, Voice
from .speaker import StreamSpeaker

__all__ = ["StreamMicrophone", "StreamPlayback", "StreamReply", "StreamSpeaker", "Voice"]
