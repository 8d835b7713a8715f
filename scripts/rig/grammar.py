"""Sentences -> the smallest network of words that holds exactly them, which a small recogniser searches fast."""

from collections.abc import Iterable
from dataclasses import dataclass

type Node = tuple[bool, tuple[tuple[str, Node], ...]]
"""Whether a sentence may end here, and the words that lead on; equal nodes are one node."""


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow of the network."""

    source: int
    target: int
    probability: float
    word: tuple[str, ...]
    """One word, or none on the way to the end."""


@dataclass(frozen=True, slots=True)
class Network:
    """State 0 begins every sentence, `end` ends it."""

    end: int
    steps: tuple[Step, ...]


def network(sentences: Iterable[str]) -> Network:
    """Build the network of `sentences`, which are words with single spaces between them."""
    numbers: dict[Node, int] = {}
    root = _node(sorted({tuple(sentence.split()) for sentence in sentences} - {()}), 0)
    _number(root, numbers)
    end = len(numbers)
    steps = [step for node, number in numbers.items() for step in _steps(node, number, numbers, end)]
    return Network(end, tuple(steps))


def _node(sentences: list[tuple[str, ...]], depth: int) -> Node:
    following: dict[str, list[tuple[str, ...]]] = {}
    for sentence in sentences:
        if len(sentence) > depth:
            following.setdefault(sentence[depth], []).append(sentence)
    ends = any(len(sentence) == depth for sentence in sentences)
    return ends, tuple((word, _node(group, depth + 1)) for word, group in following.items())


def _number(node: Node, numbers: dict[Node, int]) -> None:
    if node not in numbers:
        numbers[node] = len(numbers)
        for _, target in node[1]:
            _number(target, numbers)


def _steps(node: Node, number: int, numbers: dict[Node, int], end: int) -> Iterable[Step]:
    ends, words = node
    probability = 1 / (len(words) + ends)
    for word, target in words:
        yield Step(number, numbers[target], probability, (word,))
    if ends:
        yield Step(number, end, probability, ())
