"""A tool: one thing a skill can do, as a model is told about it."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, overload

from ..errors import SkillError
from .result import ToolResult
from .schema import Signature, read_signature

TOOL_TIMEOUT = timedelta(seconds=30)  # past this a person thinks the room is dead (Engine T11)

type ToolFunction = Callable[..., Awaitable[ToolResult | str]]
"""A skill's method; a plain string is a result without a side effect."""

_MARK = "__huxley_tool__"


@dataclass(frozen=True, slots=True)
class ToolDefinition:
    """What a model, an action and the registry know about a tool.

    `parameters` is a JSON schema of type object. `destructive` tools are held until the person has confirmed where
    the persona asks for it; `adult` tools are hidden from a `child_safe` persona.
    """

    name: str
    description: str
    parameters: Mapping[str, object]
    destructive: bool = False
    adult: bool = False
    timeout: timedelta = TOOL_TIMEOUT


@dataclass(frozen=True, slots=True)
class ToolOptions:
    """The flags given to `@tool`."""

    destructive: bool = False
    adult: bool = False
    timeout: timedelta = TOOL_TIMEOUT


@dataclass(frozen=True, slots=True)
class BoundTool:
    """A decorated method: its definition, and how validated JSON becomes its Python arguments."""

    definition: ToolDefinition
    method: str
    signature: Signature


@overload
def tool[F: ToolFunction](function: F) -> F: ...
@overload
def tool[F: ToolFunction](
    *, destructive: bool = False, adult: bool = False, timeout: timedelta = TOOL_TIMEOUT
) -> Callable[[F], F]: ...
def tool(
    function: Callable[..., Any] | None = None,
    *,
    destructive: bool = False,
    adult: bool = False,
    timeout: timedelta = TOOL_TIMEOUT,
) -> Callable[..., Any]:
    """Offer a method of a skill to the model; name, description and parameters come from the method itself.

    Raises `SkillError` when the method is not `async def` or the timeout is not positive.
    """
    options = ToolOptions(destructive=destructive, adult=adult, timeout=timeout)

    def mark[F: Callable[..., Any]](function: F) -> F:
        if not inspect.iscoroutinefunction(function):
            raise SkillError(f"Tool {function.__qualname__} must be `async def`.")
        if options.timeout <= timedelta(0):
            raise SkillError(f"Tool {function.__qualname__} needs a timeout above zero.")
        setattr(function, _MARK, options)
        return function

    return mark if function is None else mark(function)


def tools_of(skill_class: type) -> tuple[BoundTool, ...]:
    """Return the decorated methods of a class, in the order they are written; parents first.

    Raises `SkillError` for a parameter whose type a model cannot be told.
    """
    methods: dict[str, Any] = {}
    for base in reversed(skill_class.__mro__):
        methods.update(vars(base))
    return tuple(_bind(name, function) for name, function in methods.items() if hasattr(function, _MARK))


def _bind(name: str, function: Callable[..., Any]) -> BoundTool:
    options: ToolOptions = getattr(function, _MARK)
    signature = read_signature(function)
    definition = ToolDefinition(
        name=name,
        description=signature.description,
        parameters=signature.schema,
        destructive=options.destructive,
        adult=options.adult,
        timeout=options.timeout,
    )
    return BoundTool(definition, name, signature)
