"""How much of a text a person has heard after some time of speech."""

import unicodedata
from datetime import timedelta

SPEAKING_RATE = 15.0  # characters a second; an unhurried voice, about 150 words a minute
WIDE = 3.0  # a Chinese, Japanese or Korean character takes the time of about three letters
CUT = "…"  # tells the model that it was cut short, in every language


def heard_part(text: str, heard: timedelta) -> tuple[str, timedelta]:
    """Return the start of `text` that fits into `heard`, in whole words, and the time that is left after it.

    The lengths are estimates: nobody measures where in a sentence a voice is. A text that was cut ends in `CUT`.
    """
    budget = heard.total_seconds() * SPEAKING_RATE
    for index, character in enumerate(text):
        cost = _cost(character)
        if cost > budget:
            start = _whole_words(text, index).rstrip()
            return (f"{start}{CUT}" if start else ""), timedelta(0)
        budget -= cost
    return text, timedelta(seconds=budget / SPEAKING_RATE)


def _cost(character: str) -> float:
    return WIDE if unicodedata.east_asian_width(character) in "WF" else 1.0


def _whole_words(text: str, end: int) -> str:
    """Return `text` up to `end` without the piece of a word at its end."""
    while end > 0 and not _ends_word(text[end]) and not _ends_word(text[end - 1]):
        end -= 1
    return text[:end]


def _ends_word(character: str) -> bool:
    """Whether a word ends beside it: a space, or a wide character, which is a word of its own."""
    return character.isspace() or _cost(character) > 1
