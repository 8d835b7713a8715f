"""What the emulated ESPHome device says of itself: modelled on a Home Assistant Voice PE."""

from aioesphomeapi import MediaPlayerEntityFeature as Player
from aioesphomeapi import MediaPlayerFormatPurpose as Purpose
from aioesphomeapi import VoiceAssistantFeature as Voice

from .esphome_player import KEY
from .esphome_wire import Message, pb

NAME = "Kitchen device"
AREA = "Kitchen"
API_VERSION = (1, 14)
RATE = 48_000  # Hz
SAMPLE_BYTES = 2
VOICE = Voice.VOICE_ASSISTANT | Voice.API_AUDIO | Voice.TIMERS | Voice.ANNOUNCE | Voice.START_CONVERSATION
PLAYER = (
    Player.PAUSE
    | Player.VOLUME_SET
    | Player.VOLUME_MUTE
    | Player.PLAY_MEDIA
    | Player.VOLUME_STEP
    | Player.STOP
    | Player.PLAY
    | Player.BROWSE_MEDIA
    | Player.MEDIA_ANNOUNCE
    | Player.MEDIA_ENQUEUE
)
WAKE_WORDS = {"okay_nabu": "Okay Nabu", "hey_jarvis": "Hey Jarvis"}


def numbered(name: str, number: int) -> str:
    """Return what the device `number` of a house calls something; the first has no number."""
    return name if number == 1 else f"{name} {number}"


def hello(number: int) -> Message:
    """Return the greeting."""
    major, minor = API_VERSION
    return pb.HelloResponse(
        api_version_major=major, api_version_minor=minor, server_info="huxley rig", name=_node(number)
    )


def device(number: int) -> Message:
    """Return what the device is."""
    return pb.DeviceInfoResponse(
        name=_node(number),
        friendly_name=numbered(NAME, number),
        mac_address=f"02:00:00:00:00:{number:02X}",
        esphome_version="2026.10.0",
        compilation_time="Oct  1 2026, 00:00:00",
        model="Emulated satellite",
        manufacturer="Huxley",
        project_name="huxley.rig",
        project_version="1",
        suggested_area=numbered(AREA, number),
        voice_assistant_feature_flags=int(VOICE),
    )


def media_player() -> Message:
    """Return its only entity."""
    return pb.ListEntitiesMediaPlayerResponse(
        object_id="media_player",
        key=KEY,
        name="Media Player",
        supports_pause=True,
        feature_flags=int(PLAYER),
        supported_formats=[_format(2, Purpose.DEFAULT), _format(1, Purpose.ANNOUNCEMENT)],
    )


def configuration(active: list[str]) -> Message:
    """Return its wake words."""
    return pb.VoiceAssistantConfigurationResponse(
        available_wake_words=[
            pb.VoiceAssistantWakeWord(id=name, wake_word=word, trained_languages=["en"])
            for name, word in WAKE_WORDS.items()
        ],
        active_wake_words=active,
        max_active_wake_words=1,
    )


def _node(number: int) -> str:
    return numbered(NAME, number).lower().replace(" ", "-")


def _format(channels: int, purpose: Purpose) -> Message:
    return pb.MediaPlayerSupportedFormat(
        format="flac", sample_rate=RATE, num_channels=channels, purpose=int(purpose), sample_bytes=SAMPLE_BYTES
    )
