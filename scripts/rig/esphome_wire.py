"""The ESPHome native API on the wire, without encryption: a zero, two varints (size, type), a protobuf message."""

import asyncio
from typing import Any

from aioesphomeapi import api_pb2
from aioesphomeapi.core import MESSAGE_TYPE_TO_PROTO

type Message = Any
"""One of the classes of `pb`; protobuf makes them at run time, so nobody can check them before."""

pb: Any = api_pb2

PLAIN = b"\0"
MORE = 0x80  # set in each byte of a varint but the last
BITS = 7  # of a number in each byte of a varint
NUMBERS: dict[type, int] = {kind: number for number, kind in MESSAGE_TYPE_TO_PROTO.items()}


class EncryptedError(ConnectionError):
    """The client wants to encrypt, which this device cannot."""


def varint(number: int) -> bytes:
    """Return `number` as protobuf writes it: seven bits a byte, the smallest first."""
    octets = bytearray()
    while number >= MORE:
        octets.append(number & (MORE - 1) | MORE)
        number >>= BITS
    octets.append(number)
    return bytes(octets)


def pack(message: Message) -> bytes:
    """Return a message as it is sent."""
    body: bytes = message.SerializeToString()
    return PLAIN + varint(len(body)) + varint(NUMBERS[type(message)]) + body


async def receive(reader: asyncio.StreamReader) -> Message | None:
    """Return the next message, None for one that nobody knows; `IncompleteReadError` when the client hangs up."""
    if await reader.readexactly(1) != PLAIN:
        raise EncryptedError("The client speaks with encryption.")
    size, number = await _read_varint(reader), await _read_varint(reader)
    body = await reader.readexactly(size)
    if (kind := MESSAGE_TYPE_TO_PROTO.get(number)) is None:
        return None
    message = kind()
    message.ParseFromString(body)
    return message


async def _read_varint(reader: asyncio.StreamReader) -> int:
    number = shift = 0
    while True:
        octet = (await reader.readexactly(1))[0]
        number |= (octet & (MORE - 1)) << shift
        if not octet & MORE:
            return number
        shift += BITS
