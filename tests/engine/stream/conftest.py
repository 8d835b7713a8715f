from collections.abc import AsyncGenerator

import pytest_asyncio

from tests.engine.audio.sounds import Desk


@pytest_asyncio.fixture
async def desk() -> AsyncGenerator[Desk]:
    """A mixer with a listener, silent again after the test."""
    desk = Desk()
    yield desk
    desk.mixer.close()
