"""What was set once counts at every later judgement (Engine F8)."""

from custom_components.huxley.engine.focus import Activity, Channel
from custom_components.huxley.engine.focus.decision import Acquired, ContentTypeSet, decide
from tests.engine.focus.observers import MINUTES, MIXABLE, NONMIXABLE, Observer

MUSIC = Activity(Channel.CONTENT, "music", Observer(), MIXABLE, MINUTES)


def speech(name):
    return Activity(Channel.DIALOG, name, Observer(), MIXABLE)


def test_a_content_type_that_was_set_outlasts_one_speech_after_the_other():
    stack, _ = decide((), Acquired(0, MUSIC))
    stack, _ = decide(stack, ContentTypeSet(1, MUSIC, NONMIXABLE))
    stack, _ = decide(stack, Acquired(2, speech("one")))
    stack, notices = decide(stack, Acquired(3, speech("two")))
    assert [notice.activity.name for notice in notices] == ["one", "two"]
    assert [held.behavior for held in stack] == ["primary", "must_pause"]
