"""A running manager for every focus test."""

from collections.abc import AsyncGenerator

import pytest

from tests.engine.focus.observers import Stage, open_stage


@pytest.fixture
async def stage() -> AsyncGenerator[Stage]:
    async with open_stage() as running:
        yield running
