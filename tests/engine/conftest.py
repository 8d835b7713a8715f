"""Every engine test runs in virtual time and leaves nothing behind, with or without Home Assistant's test plugin."""

import asyncio
from collections.abc import Callable, Generator, Mapping

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

from tests.engine.virtual_time import VirtualTimeLoop, check_clean

# `--hypothesis-profile=long`: any order of events, for minutes instead of seconds.
settings.register_profile(
    "long",
    settings(max_examples=4600, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)),
)


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Give every test of this folder a loop in virtual time."""
    return {"virtual": VirtualTimeLoop}


@pytest.fixture(autouse=True)
def configure_event_loop() -> None:
    """Replace Home Assistant's fixture of this name: it would put the wall clock back into the loop."""


@pytest_asyncio.fixture(autouse=True)
def nothing_left_behind() -> Generator[None]:
    """Fail a test that leaves a task, a timer or an unseen exception."""
    yield
    loop = asyncio.get_event_loop()
    if isinstance(loop, VirtualTimeLoop):
        check_clean(loop)
