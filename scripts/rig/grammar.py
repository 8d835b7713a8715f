"""Sentences -> a JSGF grammar, so that a small recogniser hears them nearly always right."""

import re
from collections.abc import Callable, Iterable

WORD = re.compile(r"[a-z']+")
TO_TWENTY = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen twenty
"""
BY_TENS = {30: "thirty", 40: "forty", 50: "fifty", 60: "sixty", 70: "seventy", 80: "eighty", 90: "ninety"}
NUMBERS = dict(enumerate(TO_TWENTY.split())) | BY_TENS | {100: "one hundred"}
TENS = 10


def spoken_number(number: int) -> str:
    """Return 0 to 100 in words, the way a volume is said."""
    if number in NUMBERS:
        return NUMBERS[number]
    if not 0 <= number <= max(NUMBERS):
        raise ValueError(f"{number} is outside 0 to 100.")
    return f"{NUMBERS[number // TENS * TENS]} {NUMBERS[number % TENS]}"


def spoken(sentence: str) -> str:
    """Return a written sentence as its spoken words: lower case, no punctuation, numbers in words."""
    words = re.sub(r"\d+", lambda match: f" {spoken_number(int(match[0]))} ", sentence.lower())
    return " ".join(WORD.findall(words.replace("%", " percent ")))


def jsgf(sentences: Iterable[str], knows: Callable[[str], bool]) -> tuple[str, list[str]]:
    """Return the grammar of `sentences` and those left out because a word of theirs is not known."""
    taken: list[str] = []
    left_out: list[str] = []
    for sentence in sorted({spoken(sentence) for sentence in sentences} - {""}):
        (taken if all(map(knows, sentence.split())) else left_out).append(sentence)
    if not taken:
        raise ValueError("No sentence is left for the grammar.")
    alternatives = "\n  | ".join(taken)
    return f"#JSGF V1.0;\ngrammar sentences;\npublic <sentence> =\n    {alternatives};\n", left_out
