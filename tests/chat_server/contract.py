"""The vendor's own types as the judge of every request and every chunk, strict, with nothing extra."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError


class ContractError(AssertionError):
    """A message that the vendor's types do not know."""


class Contract(Protocol):
    """Judges messages; raises `ContractError`."""

    def request(self, body: Mapping[str, object]) -> None:
        """A client's `POST /chat/completions`."""

    def answer(self, name: str, body: Mapping[str, object]) -> None:
        """What goes to the client: a `chunk`, a `completion` or a `model`."""


class Unchecked:
    """Judges nothing: for measurements, where the judge's time would count as the client's."""

    def request(self, body: Mapping[str, object]) -> None:
        """Pass."""

    def answer(self, name: str, body: Mapping[str, object]) -> None:
        """Pass."""


class VendorContract:
    """Judges by the types of the `openai` package, which is imported on the first use."""

    def request(self, body: Mapping[str, object]) -> None:
        """Check a request; lists inside it are lazy in the vendor's types, so they are walked to their ends."""
        name = "streaming request" if body.get("stream") else "request"
        _judge(name, body)

    def answer(self, name: str, body: Mapping[str, object]) -> None:
        """Check what we send."""
        _judge(name, body)


def _judge(name: str, body: Mapping[str, object]) -> None:
    try:
        _walk(_adapters()[name].validate_python(body, strict=True, extra="forbid"))
    except ValidationError as error:
        raise ContractError(f"{name}: {error}") from error


def _walk(value: object) -> None:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | Iterator):
        for inner in value:
            _walk(inner)


@cache
def _adapters() -> dict[str, TypeAdapter[Any]]:
    from openai.types import Model  # noqa: PLC0415  # a measurement needs no vendor
    from openai.types.chat import ChatCompletion, ChatCompletionChunk  # noqa: PLC0415
    from openai.types.chat import completion_create_params as params  # noqa: PLC0415

    types = {
        "request": params.CompletionCreateParamsNonStreaming,
        "streaming request": params.CompletionCreateParamsStreaming,
        "chunk": ChatCompletionChunk,
        "completion": ChatCompletion,
        "model": Model,
    }
    return {name: TypeAdapter(kind) for name, kind in types.items()}
