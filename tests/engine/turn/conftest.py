from collections.abc import AsyncGenerator

import pytest_asyncio

from tests.engine.turn.house import House


@pytest_asyncio.fixture
async def house() -> AsyncGenerator[House]:
    """A room with a model, a speaker and an ear; what the ear must never hear is checked at the end."""
    house = House()
    await house.open()
    yield house
    await house.close()
    assert house.ear.collisions() == []
