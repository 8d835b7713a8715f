"""The faults of a vendor's server by name, each ready to be scripted.

Answers go into `server.plan.answers`, a rival into `server.plan.rivals`, doors into `server.doors`; a step is done
at once by `session.line.perform(step)`. The client's own faults (an empty commit, a truncation beyond the end, a
response beside an active one, a call left unanswered) need no script: the server refuses or counts them always.
"""

from datetime import timedelta

from .doors import Refuse, TurnAway
from .script import Answer, Call, Close, Drop, Pause, Raw, Say, Silence, Step, Trouble

WORDS = "One two three four five six."
HUGE = timedelta(minutes=2)  # of sound in one event: 7.7 MB of JSON, more than aiohttp takes by default

SESSION_LIMIT = Close(1001, "Your session hit the maximum duration of 60 minutes.")
GARBAGE = Raw("{not json")
NO_OBJECT = Raw("[1, 2]")
UNKNOWN_EVENT = Raw('{"type": "response.mood.delta", "event_id": "event_mood", "delta": "happy"}')
BYTES = Raw(b"\x00\x01")

OUT_OF_QUOTA = TurnAway("insufficient_quota")
KEY_REVOKED = TurnAway("invalid_api_key")
ACCOUNT_CLOSED = TurnAway("account_deactivated")
FORBIDDEN = Refuse(403, "account_deactivated")


def closes_mid_sentence(words: str = WORDS, after: int = 2, step: Close | Drop = SESSION_LIMIT) -> Answer:
    """The socket ends after so many deltas."""
    return Answer((Say(words, at={after: step}),))


def expires() -> tuple[Trouble, Close]:
    """The steps of a session that runs out: first it says so, then it closes."""
    return Trouble("session_expired"), SESSION_LIMIT


def late_delta(words: str = WORDS) -> Answer:
    """After `response.done` comes one more delta of that response."""
    return Answer((Say(words),), late=True)


def duplicate_deltas(words: str = WORDS) -> Answer:
    """Every delta comes twice, to the letter."""
    return Answer((Say(words, twice=True),))


def several_messages(*messages: str) -> Answer:
    """One response with several message items."""
    return Answer(tuple(Say(words) for words in messages))


def preamble_and_calls(preamble: str, *calls: Call) -> Answer:
    """Words and calls in one response."""
    return Answer((Say(preamble), *calls))


def unfinished_call(pause: Pause, name: str = "play", arguments: str = '{"what": "jazz"}') -> Answer:
    """A call whose arguments stop half-way, until the test goes on or the client cancels; they are never done."""
    return Answer((Call(name, arguments, finished=False), pause), incomplete=True)


def fails(code: str, words: str | None = None) -> Answer:
    """The response fails: `rate_limit_exceeded`, `insufficient_quota`, `server_error`; perhaps after some words."""
    return Answer((Say(words),) if words else (), error=code)


def slow_first_byte(pause: Pause, words: str = WORDS) -> Answer:
    """`response.created` comes at once, the first delta when the test says so."""
    return Answer((Say(words, at={0: pause}),))


def stumbles(step: Step, words: str = WORDS, after: int = 1) -> Answer:
    """A fault between two deltas, and then on as if nothing had been: garbage, an unknown event, an `error`."""
    return Answer((Say(words, at={after: step}),))


def huge(words: str = WORDS) -> Answer:
    """All the sound in a single event."""
    return Answer((Say(words, sound=bytes(round(HUGE.total_seconds()) * 48_000), delta=HUGE),))


def goes_silent(after: int = 1, words: str = WORDS) -> Answer:
    """The socket stays open, and nothing comes any more: no delta, no answer, no pong."""
    return Answer((Say(words, at={after: Silence()}),))
