from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from tests.engine.turn.house import House
from tests.engine.turn.phone import Phone


@pytest_asyncio.fixture
async def house() -> AsyncGenerator[House]:
    """A room with a model, a speaker and an ear; what the ear must never hear is checked at the end."""
    house = House()
    await house.open()
    yield house
    await house.close()
    assert house.ear.collisions() == []


@pytest.fixture
def phone(house: House) -> Phone:
    return Phone(house)
