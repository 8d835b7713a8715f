"""What people say to a skill and what it answers, in one language: `sentences/<lang>.yaml`, read and checked.

The templates are those of hassil: `(a|b)`, `[optional]`, `{list}`, `<rule>`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import hassil
from hassil.parser import ParseError

from .marked_yaml import Marked, read_marked
from .numbers import number_words
from .storage import Json
from .words import BrokenTemplateError, fill_check

MOST_NUMBERS = 2001  # values of a range; a longer one costs memory for words nobody says


@dataclass(frozen=True, slots=True)
class ListValue:
    """One value of a list: how it may be said, and what the tool gets."""

    spoken: tuple[str, ...]
    value: Json


@dataclass(frozen=True, slots=True)
class SlotList:
    """What may stand for `{name}` in a template.

    `from_skill`: the values come from `Skill.lists()`. `anything`: any words; such a sentence is tried last and is
    not part of what a speech recogniser is taught.
    """

    values: tuple[ListValue, ...] = ()
    from_skill: bool = False
    anything: bool = False


@dataclass(frozen=True, slots=True)
class SentenceBlock:
    """Sentences that call one tool. `arguments` are fixed ones; a list's name is the argument it fills."""

    tool: str
    templates: tuple[str, ...]
    arguments: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sentences:
    """One language of one skill. `source` names the file in errors, `skip_words` are heard and ignored."""

    language: str
    source: str
    blocks: tuple[SentenceBlock, ...] = ()
    lists: Mapping[str, SlotList] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    responses: Mapping[str, str] = field(default_factory=dict)
    examples: tuple[str, ...] = ()
    skip_words: tuple[str, ...] = ()

    @property
    def tools(self) -> frozenset[str]:
        """The tools that can be called by a sentence."""
        return frozenset(block.tool for block in self.blocks)


def parse_sentences(text: str, source: str, language: str) -> Sentences:
    """Read one language file. `SkillError` names `source` and the line of the first mistake."""
    root = read_marked(text, source)
    keys = root.allow("A sentences file", "tools", "lists", "rules", "responses", "examples", "skip_words")
    absent = Marked(None, source, 1)
    lists = {name: _read_list(item, language) for name, item in keys.get("lists", absent).mapping("`lists`").items()}
    rules = {name: item.text("A rule") for name, item in keys.get("rules", absent).mapping("`rules`").items()}
    for name, item in keys.get("rules", absent).mapping("`rules`").items():
        _check_template(item, rules[name], lists, rules)
    blocks = tuple(
        block
        for tool, item in keys.get("tools", absent).mapping("`tools`").items()
        for block in _read_tool(tool, item, lists, rules)
    )
    examples = _texts(keys.get("examples", absent), "`examples`")
    if blocks and not examples:
        raise keys["tools"].error("`examples` needs two or three phrases that people can say.")
    return Sentences(
        language=language,
        source=source,
        blocks=blocks,
        lists=lists,
        rules=rules,
        responses=_read_responses(keys.get("responses", absent)),
        examples=examples,
        skip_words=_texts(keys.get("skip_words", absent), "`skip_words`"),
    )


def _texts(mark: Marked, what: str) -> tuple[str, ...]:
    return tuple(item.text(f"An item of {what}") for item in mark.items(what))


def _read_tool(
    tool: str, mark: Marked, lists: Mapping[str, SlotList], rules: Mapping[str, str]
) -> Iterable[SentenceBlock]:
    plain: list[str] = []
    for item in mark.items(f"The sentences of `{tool}`"):
        if not isinstance(item.value, dict):
            plain.append(_read_template(item, lists, rules))
            continue
        keys = item.allow("A group of sentences", "sentences", "arguments")
        if "sentences" not in keys:
            raise item.error("A group needs `sentences`.")
        templates = tuple(_read_template(entry, lists, rules) for entry in keys["sentences"].items("`sentences`"))
        arguments = keys.get("arguments", Marked(None, item.source, item.line)).mapping("`arguments`")
        yield SentenceBlock(tool, templates, {name: value.plain() for name, value in arguments.items()})
    if plain:
        yield SentenceBlock(tool, tuple(plain))


def _read_template(mark: Marked, lists: Mapping[str, SlotList], rules: Mapping[str, str]) -> str:
    template = mark.text("A sentence")
    _check_template(mark, template, lists, rules)
    return template


def _check_template(mark: Marked, template: str, lists: Mapping[str, SlotList], rules: Mapping[str, str]) -> None:
    try:
        sentence = hassil.parse_sentence(template)
    except (ParseError, AssertionError) as error:
        raise mark.error(f"the sentence `{template}` cannot be read: {error}") from error
    expression = sentence.expression
    if names := [name for name in _references(expression, hassil.RuleReference, "rule_name") if name not in rules]:
        raise mark.error(f"`{template}` uses <{names[0]}>, which is not in `rules`.")
    if names := [name for name in _references(expression, hassil.ListReference, "list_name") if name not in lists]:
        raise mark.error(f"`{template}` uses {{{names[0]}}}, which is not in `lists`.")


def _references(expression: hassil.Expression, kind: type, name: str) -> list[str]:
    if isinstance(expression, hassil.Group):
        return [found for item in expression.items for found in _references(item, kind, name)]
    return [getattr(expression, name)] if isinstance(expression, kind) else []


def _read_list(mark: Marked, language: str) -> SlotList:
    if isinstance(mark.value, list):
        return SlotList(tuple(_read_value(item) for item in mark.value))
    keys = mark.allow("A list", "from", "to", "step", "from_skill", "anything")
    if "from" in keys:
        return _read_range(mark, keys, language)
    for flag in ("from_skill", "anything"):
        if flag in keys and keys[flag].flag(f"`{flag}`"):
            return SlotList(from_skill=flag == "from_skill", anything=flag == "anything")
    raise mark.error("A list is values (`- one`), a range (`from`, `to`), `from_skill: true` or `anything: true`.")


def _read_range(mark: Marked, keys: Mapping[str, Marked], language: str) -> SlotList:
    if "to" not in keys:
        raise mark.error("A range needs `to`.")
    start, stop = keys["from"].integer("`from`"), keys["to"].integer("`to`")
    step = keys["step"].integer("`step`") if "step" in keys else 1
    if step < 1 or stop < start or (stop - start) // step >= MOST_NUMBERS:
        raise mark.error(f"A range goes up, by at least 1, in at most {MOST_NUMBERS} values.")
    return SlotList(tuple(ListValue((str(n), *number_words(n, language)), n) for n in range(start, stop + 1, step)))


def _read_value(mark: Marked) -> ListValue:
    if not isinstance(mark.value, dict):
        text = mark.text("A value")
        return ListValue((text,), text)
    keys = mark.allow("A value", "say", "value")
    if set(keys) != {"say", "value"}:
        raise mark.error("A value is text, or has both `say` and `value`.")
    say = keys["say"]
    spoken = _texts(say, "`say`") if isinstance(say.value, list) else (say.text("`say`"),)
    return ListValue(spoken, keys["value"].plain())


def _read_responses(mark: Marked) -> Mapping[str, str]:
    responses: dict[str, str] = {}
    for key, item in mark.mapping("`responses`").items():
        responses[key] = item.text("A response")
        try:
            fill_check(responses[key])
        except BrokenTemplateError as error:
            raise item.error(f"the response `{key}` has {error}.") from error
    return responses
