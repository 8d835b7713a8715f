"""Home Assistant's real frontend in headless Chromium, driven the way a person would, with pictures."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Locator, Page, async_playwright

from .onboarding import PASSWORD, USER

ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--mute-audio",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)
COLOURS = 128  # of a palette PNG; the frontend uses few
SETTLE = 700  # milliseconds that the frontend's dialogs and cards take to stop moving
LIMIT = 30_000  # milliseconds


@dataclass(frozen=True, slots=True)
class Look:
    """A size of screen and a colour scheme."""

    suffix: str
    width: int
    height: int
    dark: bool = False


DESKTOP = Look("", 1280, 800)
DARK = Look("-dark", 1280, 800, dark=True)
PHONE = Look("-phone", 390, 844)
LOOKS = (DESKTOP, DARK, PHONE)


@dataclass(frozen=True, slots=True)
class Screen:
    """A logged-in page, and where its pictures go."""

    page: Page
    url: str
    look: Look
    folder: Path

    @property
    def flow(self) -> Locator:
        """The dialog of a config flow. Its contents are slotted, so a role would not find them."""
        return self.page.locator("dialog-data-entry-flow")

    async def visit(self, path: str) -> None:
        """Open a path of the frontend."""
        await self.page.goto(self.url + path)
        await self.page.wait_for_function("() => document.querySelector('home-assistant')?.hass?.states")

    @asynccontextmanager
    async def height(self, height: int) -> AsyncIterator[None]:
        """Give the page more room below for a moment, to show what a person would scroll to."""
        await self.page.set_viewport_size({"width": self.look.width, "height": height})
        yield
        await self.page.set_viewport_size({"width": self.look.width, "height": self.look.height})

    async def settled(self) -> None:
        """Wait until nothing moves any more."""
        await self.page.wait_for_timeout(SETTLE)

    async def picture(self, name: str) -> None:
        """Keep what is seen now as `name`, with the look's suffix."""
        await self.settled()
        file = self.folder / f"{name}{self.look.suffix}.png"
        file.write_bytes(shrink(await self.page.screenshot()))
        print(f"   {file.name}: {file.stat().st_size // 1024} KiB", flush=True)


def shrink(png: bytes) -> bytes:
    """Return a picture with a palette instead of true colours."""
    packed = BytesIO()
    with Image.open(BytesIO(png)) as picture:
        palette = picture.convert("RGB").quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        palette.save(packed, "PNG", optimize=True)
    return packed.getvalue()


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run the distribution's Chromium; nothing is downloaded."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise FileNotFoundError("Chromium is not installed.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, headless=True, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def logged_in(browser: Browser, url: str, look: Look, folder: Path) -> AsyncIterator[Screen]:
    """A page with the development owner logged in; when a step fails, `build/` keeps what was seen last."""
    context = await browser.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme="dark" if look.dark else "light",
        locale="en-US",
    )
    context.set_default_timeout(LIMIT)
    page = await context.new_page()
    try:
        await page.goto(url)
        await page.get_by_label("Username").fill(USER)
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Log in").click()
        await page.wait_for_function("() => document.querySelector('home-assistant')?.hass?.states")
        yield Screen(page, url, look, folder)
    except BaseException:
        await page.screenshot(path=folder / "failure.png")
        raise
    finally:
        await context.close()
