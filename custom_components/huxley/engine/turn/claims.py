"""Claims on the room's microphone: one at a time, and nothing of it stays behind (Engine C1-C7)."""

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from ..errors import ChannelBusyError, ClaimBusyError
from ..focus import Activity, Channel, ContentType, FocusManager, FocusState, MixingBehavior
from ..listeners import Listeners
from ..skill.effects import ClaimEndReason, InputClaim
from ..speaker import Speaker
from .agent import Agent
from .bridge import Bridge
from .deck import Deck
from .tasks import Tasks, attempt
from .turn import Turn

_LOGGER = logging.getLogger(__name__)

PRESS_GRACE = timedelta(milliseconds=300)  # a press this soon after the start was meant for something else (Engine C3)
HOLD_PATIENCE = timedelta(minutes=10)  # how long a call waits under speech; longer than any speech
FAREWELL_WAIT = timedelta(seconds=1)  # how long the room stays quiet for what `on_claim_end` has to say
FAREWELL_LIMIT = timedelta(minutes=2)  # a farewell may wait for its own words to be heard

_numbers = itertools.count(1)


class Claim:
    """One claim; its skill holds it as a `ClaimHandle`, focus as an observer of COMMS."""

    def __init__(
        self, wanted: InputClaim, agent: Agent | None, speaker: Speaker, ends: Callable[[Claim], None]
    ) -> None:
        self.wanted = wanted
        self.agent = agent
        self.id = f"c-{next(_numbers)}"
        self.reason: ClaimEndReason | None = None
        """Why it ends; the first word counts."""

        self.turn: Turn | None = None
        """The turn that announces it."""

        self.announced = wanted.announce is None
        self.bridge = Bridge(wanted, agent, speaker, self.end)
        self.activity = Activity(Channel.COMMS, self.id, self, ContentType.NONMIXABLE, HOLD_PATIENCE)
        self.opened_at: float | None = None
        """Loop time, in seconds, at which its bridge began to open."""

        self.shut = False
        self._ends = ends
        self._over: asyncio.Future[ClaimEndReason] = asyncio.get_running_loop().create_future()

    async def cancel(self) -> None:
        """End it as `NATURAL`: nothing passes from now on; `wait_end` returns when everything is given back.

        It does not wait itself, so that the claim's own callbacks may call it.
        """
        self.end(ClaimEndReason.NATURAL)

    async def wait_end(self) -> ClaimEndReason:
        """Wait until it is over, or tell the reason at once (Engine C5)."""
        return await asyncio.shield(self._over)

    def end(self, reason: ClaimEndReason) -> None:
        """End it soon, from wherever this is called."""
        if self.reason is None:
            self.reason = reason
            self.bridge.silence()
            self._ends(self)

    def over(self) -> None:
        """Everything is given back."""
        if not self._over.done():
            self._over.set_result(self.reason or ClaimEndReason.ERROR)

    async def on_focus_changed(self, state: FocusState, behavior: MixingBehavior) -> None:
        """In front, both sides hear each other; under speech, the other side is on hold."""
        if state is FocusState.FOREGROUND:
            await self.bridge.go_on()
        elif state is FocusState.BACKGROUND:
            await self.bridge.hold()
        else:
            self.end(ClaimEndReason.PREEMPTED)

    async def on_patience_expired(self) -> None:
        """A call that was on hold for too long has nothing to add."""


class Claims:
    """The one place for a claim, and the order of its beginning and its end.

    `ends` hears that a claim wants to end, `afterwards` runs when its `on_claim_end` was told.
    """

    def __init__(
        self,
        focus: FocusManager,
        speaker: Speaker,
        deck: Deck,
        tasks: Tasks,
        ends: Callable[[Claim], None],
        afterwards: Callable[[Claim], Awaitable[None]],
    ) -> None:
        self._focus = focus
        self._speaker = speaker
        self._deck = deck
        self._tasks = tasks
        self._ends = ends
        self._afterwards = afterwards
        self._leaving: Activity | None = None
        self._listeners = Listeners[[]]("claim")
        self.current: Claim | None = None
        """The claim that has the room, from its first wish to its last step."""

    @property
    def in_call(self) -> bool:
        """Whether COMMS is held by anybody who is not on the way out."""
        held = (item.activity for item in self._focus.snapshot())
        return any(activity.channel is Channel.COMMS and activity is not self._leaving for activity in held)

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Hear when a claim begins, opens, or is over; call the result to stop."""
        return self._listeners.add(listener)

    def apparent(self, turn: Turn | None) -> Claim | None:
        """The claim that a person in the room knows of: it is open, or `turn` announces it."""
        claim = self.current
        if claim is None or claim.reason is not None:
            return None
        announcing = turn is not None and claim.turn is turn
        return claim if announcing or claim.opened_at is not None else None

    def pending(self) -> Claim | None:
        """The claim that waits for the floor, to be announced or opened."""
        claim = self.current
        return claim if claim is not None and claim.reason is None and claim.opened_at is None else None

    async def reserve(self, wanted: InputClaim, agent: Agent | None) -> Claim:
        """Take COMMS; content is quiet from now on. Raises `ClaimBusyError` (Engine C1)."""
        if not self._speaker.capabilities.microphone:
            raise ClaimBusyError(f"this room has no microphone that can be lent: {wanted.title} cannot have it")
        if self.current is not None:
            raise ClaimBusyError(f"{self.current.wanted.title} has the microphone: {wanted.title} cannot have it")
        claim = Claim(wanted, agent, self._speaker, self._ends)
        try:
            await self._focus.acquire(claim.activity)
        except ChannelBusyError as err:
            raise ClaimBusyError(str(err)) from err
        self.current = claim
        await self._deck.call_begins()
        await self._focus.set_content_type(claim.activity, ContentType.MIXABLE)  # an alert stays audible (Engine C6)
        _LOGGER.info("claim.begin claim=%s title=%s", claim.id, wanted.title)
        self._changed()
        return claim

    def open(self, claim: Claim) -> None:
        """Open the bridge: model suspended, microphone handed over, the other side heard."""
        claim.opened_at = asyncio.get_running_loop().time()
        claim.bridge.open(self._tasks, self._deck.stage)
        _LOGGER.info("claim.open claim=%s title=%s", claim.id, claim.wanted.title)
        self._changed()

    async def shut(self, claim: Claim, reason: ClaimEndReason) -> None:
        """Give everything back; `on_claim_end` and what follows it come by themselves (Engine C2)."""
        if claim.shut:
            return
        claim.shut = True
        claim.reason = claim.reason or reason
        _LOGGER.info("claim.end claim=%s title=%s reason=%s", claim.id, claim.wanted.title, claim.reason)
        await claim.bridge.close(self._tasks)
        self._tasks.work(self._farewell(claim, claim.reason), "claim end")

    async def preempt(self) -> None:
        """Something urgent takes the room from whatever claim there is (Engine I3, C6)."""
        if self.current is not None:
            await self.shut(self.current, ClaimEndReason.PREEMPTED)

    def leaves(self, claim: Claim) -> None:
        """Its place is free for what waits, while COMMS still keeps the content quiet (Engine T16)."""
        self._leaving = claim.activity
        self.current = None

    async def left(self, claim: Claim) -> None:
        """COMMS is free, and whoever waits for the end hears of it."""
        await self._focus.release(claim.activity)
        self._leaving = None
        claim.over()
        self._changed()

    async def _farewell(self, claim: Claim, reason: ClaimEndReason) -> None:
        """Tell `on_claim_end` once; one that waits for its own words is not waited for."""
        if (tell := claim.wanted.on_claim_end) is not None:
            told = self._tasks.work(attempt(f"end of {claim.id}", lambda: tell(reason), FAREWELL_LIMIT), "farewell")
            await asyncio.wait([told], timeout=FAREWELL_WAIT.total_seconds())
        try:
            await self._afterwards(claim)
        except Exception:
            _LOGGER.exception("claim.aftermath_failed claim=%s", claim.id)

    def _changed(self) -> None:
        self._listeners.tell()
