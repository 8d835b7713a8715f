"""What people say to the skills that ship, in three languages."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from custom_components.huxley.engine.model.offline import OfflineModel, OfflineSession, enumerate_sentences
from custom_components.huxley.engine.model.protocol import ToolCall, UserText
from custom_components.huxley.engine.skill.registry import Registry
from custom_components.huxley.runtime.skill_packages import SkillPackage
from custom_components.huxley.sdk.testing import make_context

type Load = Callable[[str], SkillPackage]

SKILLS = ("music", "system")
LANGUAGES = ("en", "es", "fr")
ANSWER_SLOTS = {
    "playing": {"title"},
    "not_found": {"title", "titles"},
    "folder_missing": {"folder"},
    "tracks": {"titles"},
    "gone": {"title"},
    "time": {"time"},
    "volume_set": {"level"},
}


@pytest.fixture
async def session(load: Load) -> OfflineSession:
    packages = {name: load(name) for name in SKILLS}
    skills = {name: package.skill_class() for name, package in packages.items()}
    for name, skill in skills.items():
        await skill.setup(make_context(name, responses=packages[name].responses))
    sentences = {name: package.sentences for name, package in packages.items()}
    return OfflineSession(OfflineModel(Registry(skills), sentences, languages=LANGUAGES, phrases={}))


async def called(session: OfflineSession, text: str, language: str) -> tuple[str, dict[str, Any], str | None] | None:
    async for event in session.respond(UserText(text, language)):
        if isinstance(event, ToolCall):
            return event.name, dict(event.arguments), event.language
    return None


@pytest.mark.parametrize(
    ("language", "text", "tool", "arguments"),
    [
        ("en", "Put on some music", "play", {}),
        ("en", "put on some music please.", "play", {}),
        ("en", "Play some music!", "play", {}),
        ("en", "Could you put some music on?", "play", {}),
        ("en", "I'd like music", None, {}),
        ("en", "I would like to hear some music", "play", {}),
        ("en", "play Huxley Waltz", "play", {"title": "Huxley Waltz"}),
        ("en", "put on the huxley waltz", "play", {"title": "Huxley Waltz"}),
        ("en", "play some Beethoven", "play", {"title": "Beethoven"}),
        ("en", "stop", "stop", {}),
        ("en", "Stop the music.", "stop", {}),
        ("en", "turn the music off", "stop", {}),
        ("en", "What music do you have?", "list_tracks", {}),
        ("en", "What time is it?", "get_time", {}),
        ("en", "what's the time", "get_time", {}),
        ("en", "whats the time", "get_time", {}),
        ("en", "Set the volume to 40%", "set_volume", {"level": 40}),
        ("en", "set the volume to forty percent", "set_volume", {"level": 40}),
        ("en", "volume thirty-five", "set_volume", {"level": 35}),
        ("en", "full volume", "set_volume", {"level": 100}),
        ("en", "Louder!", "volume_up", {}),
        ("en", "turn it up a little", "volume_up", {}),
        ("en", "it's too loud", "volume_down", {}),
        ("en", "put on the kettle", None, {}),
        ("es", "Pon música", "play", {}),
        ("es", "Pon musica", "play", {}),
        ("es", "¡Pon algo de música, por favor!", "play", {}),
        ("es", "Quiero escuchar un poco de música", "play", {}),
        ("es", "pon el huxley waltz", None, {}),
        ("es", "pon Huxley Waltz", "play", {"title": "Huxley Waltz"}),
        ("es", "Toca la canción Clavelitos", "play", {"title": "Clavelitos"}),
        ("es", "Para la música", "stop", {}),
        ("es", "¡Silencio!", "stop", {}),
        ("es", "¿Qué música tienes?", "list_tracks", {}),
        ("es", "¿Qué hora es?", "get_time", {}),
        ("es", "Que hora es", "get_time", {}),
        ("es", "Pon el volumen al cuarenta", "set_volume", {"level": 40}),
        ("es", "sube el volumen al 60 por ciento", "set_volume", {"level": 60}),
        ("es", "Sube el volumen", "volume_up", {}),
        ("es", "más alto", "volume_up", {}),
        ("es", "Baja un poco la música", None, {}),
        ("es", "baja la música un poco", "volume_down", {}),
        ("fr", "Mets de la musique, s'il te plaît", "play", {}),
        ("fr", "joue Huxley Waltz", "play", {"title": "Huxley Waltz"}),
        ("fr", "Joue-moi la chanson L'été indien", "play", {"title": "L'été indien"}),
        ("fr", "Arrête la musique", "stop", {}),
        ("fr", "Quelle musique as-tu ?", "list_tracks", {}),
        ("fr", "Quelle heure est-il ?", "get_time", {}),
        ("fr", "Mets le volume à quatre-vingt-dix", "set_volume", {"level": 90}),
        ("fr", "Monte le son", "volume_up", {}),
        ("fr", "moins fort", "volume_down", {}),
    ],
)
async def test_sentence_is_understood(
    session: OfflineSession, language: str, text: str, tool: str | None, arguments: dict[str, Any]
) -> None:
    expected = None if tool is None else (tool, arguments, language)
    assert await called(session, text, language) == expected


async def test_other_languages_are_understood_and_answered_in(session: OfflineSession) -> None:
    assert await called(session, "Pon música", "en") == ("play", {}, "es")
    assert session.language == "es"


@pytest.mark.parametrize("name", SKILLS)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_example_is_understood_in_its_own_language(
    load: Load, session: OfflineSession, name: str, language: str
) -> None:
    for example in load(name).sentences[language].examples:
        found = await called(session, example, language)
        assert found is not None, example
        assert found[2] == language


@pytest.mark.parametrize("name", SKILLS)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_sentence_written_out_is_understood_as_it_was_meant(
    load: Load, session: OfflineSession, name: str, language: str
) -> None:
    sentences = load(name).sentences[language]
    written = sorted(enumerate_sentences(sentences, {"title": ["Huxley Waltz"]}))
    assert len(written) > 20
    for text in written[:: max(1, len(written) // 150)]:
        found = await called(session, text, language)
        assert found is not None, text
        assert found[0] in sentences.tools, text


@pytest.mark.parametrize("name", SKILLS)
def test_languages_offer_the_same_tools_and_answers(load: Load, name: str) -> None:
    sentences = load(name).sentences
    assert set(sentences) == set(LANGUAGES)
    assert len({item.tools for item in sentences.values()}) == 1
    assert len({frozenset(item.responses) for item in sentences.values()}) == 1


@pytest.mark.parametrize("name", SKILLS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_use_the_slots_they_are_given(load: Load, name: str, language: str) -> None:
    for key, template in load(name).sentences[language].responses.items():
        if key != "time_format":
            used = {slot.partition("}")[0] for slot in template.split("{")[1:]}
            assert used == ANSWER_SLOTS.get(key, set()), key


async def test_sentence_is_understood_well_within_five_milliseconds(session: OfflineSession) -> None:
    texts = ["put on some music", "what is the meaning of life", "mets le volume à quatre-vingt-dix"] * 20
    started = time.perf_counter()
    for text in texts:
        await called(session, text, "en")
    assert (time.perf_counter() - started) / len(texts) < 0.005
