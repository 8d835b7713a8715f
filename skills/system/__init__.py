"""Tells the time and sets the volume."""

from typing import Annotated

from custom_components.huxley.sdk import Range, SetVolume, Skill, ToolResult, tool

STEP = 10  # of 100; less is not heard as a change, more startles
NOON = 12


class SystemSkill(Skill):
    """What every room can do."""

    name = "system"

    @tool
    async def get_time(self) -> ToolResult:
        """Tell what time it is."""
        now = self.ctx.now()
        time = self.ctx.text(
            "time_format",
            hour=now.hour,
            hour_two_digits=f"{now.hour:02}",
            hour_of_twelve=now.hour % NOON or NOON,
            minute=f"{now.minute:02}",
            half="AM" if now.hour < NOON else "PM",
        )
        return ToolResult(self.ctx.text("time", time=time))

    @tool
    async def set_volume(self, level: Annotated[int, Range(0, 100)]) -> ToolResult:
        """Set how loud the room is.

        Args:
            level: Percent, 0 is silent.

        """
        return ToolResult(self.ctx.text("volume_set", level=level), SetVolume(level))

    @tool
    async def volume_up(self) -> ToolResult:
        """Make the room a little louder."""
        return await self._step(STEP)

    @tool
    async def volume_down(self) -> ToolResult:
        """Make the room a little quieter."""
        return await self._step(-STEP)

    async def _step(self, change: int) -> ToolResult:
        volume = await self.ctx.home.volume()
        if volume is None:
            return ToolResult(self.ctx.text("volume_unknown"), is_error=True)
        return await self.set_volume(max(0, min(100, volume + change)))
