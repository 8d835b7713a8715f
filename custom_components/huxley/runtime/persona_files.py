"""Persona files on disk: the house's own, and the ones that ship. Every function here blocks."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from homeassistant.util.file import WriteError, write_utf8_file_atomic

from ..const import DOMAIN
from ..engine.errors import HuxleyError
from ..engine.persona import Persona, load_persona

_LOGGER = logging.getLogger(__name__)

BUNDLED_PERSONAS: Final = Path(__file__).parent.parent / "bundled" / "personas"

MAX_BYTES: Final = 256 * 1024  # a persona is a page or two of text; anything near this is another kind of file

_SLUG: Final = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")


class PersonaFileError(HuxleyError):
    """A persona's file cannot be read or written.

    `key` is `persona_<key>` in the `exceptions` of our translations, `placeholders` fill it, and `line` (1-based) is
    where the file stops being readable, when there is such a place.
    """

    def __init__(self, key: str, placeholders: Mapping[str, str], line: int | None = None) -> None:
        super().__init__(f"{key}: {', '.join(placeholders.values())}")
        self.key = key
        self.placeholders = placeholders
        self.line = line


class PersonaMissingError(PersonaFileError):
    """There is no such persona, neither the house's own nor one that ships."""


@dataclass(frozen=True, slots=True)
class PersonaFile:
    """One persona's file. `own` is true for a file in the house's own folder."""

    id: str
    path: Path
    own: bool


def is_persona_id(text: str) -> bool:
    """Whether `text` can be a persona's id: lower-case letters, digits and single underscores, at most 64."""
    return len(text) <= 64 and _SLUG.fullmatch(text) is not None  # noqa: PLR2004


def decode_persona(data: bytes, name: str) -> str:
    """Return a persona file's text. `name` is the file's, for what `PersonaFileError` says.

    Raises `PersonaFileError` (`file_too_large`, `file_not_utf8`).
    """
    if len(data) > MAX_BYTES:
        raise PersonaFileError("file_too_large", {"file": name, "limit": str(MAX_BYTES // 1024)})
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PersonaFileError("file_not_utf8", {"file": name, "line": str(line)}, line) from error


class PersonaFiles:
    """The personas that a house can choose from; its own file shadows the bundled one of the same id."""

    def __init__(self, config_dir: str | Path, bundled: Path = BUNDLED_PERSONAS) -> None:
        self.own_folder = Path(config_dir) / DOMAIN / "personas"
        self._bundled = bundled

    def available(self) -> tuple[PersonaFile, ...]:
        """Return every persona, the house's own first, each group in the order of its ids.

        A file of our own whose name is not an id is logged, since nobody can choose it.
        """
        own = _list(self.own_folder, own=True)
        shadowed = {file.id for file in own}
        return (*own, *(file for file in _list(self._bundled, own=False) if file.id not in shadowed))

    def find(self, persona_id: str) -> PersonaFile | None:
        """Return the persona's file, or None when there is none."""
        for folder, own in ((self.own_folder, True), (self._bundled, False)):
            path = folder / f"{persona_id}.yaml"
            if is_persona_id(persona_id) and path.exists():
                return PersonaFile(persona_id, path, own)
        return None

    def read_bytes(self, persona_id: str) -> bytes:
        """Return what is in the persona's file, at most one byte more than is allowed.

        Raises `PersonaMissingError` when there is no such file, `PersonaFileError` (`file_is_folder`,
        `file_unreadable`) when there is one that cannot be read.
        """
        if (file := self.find(persona_id)) is None:
            raise PersonaMissingError("file_missing", {"file": self.name_of(persona_id)})
        try:
            with file.path.open("rb") as stream:
                return stream.read(MAX_BYTES + 1)
        except IsADirectoryError as error:
            raise PersonaFileError("file_is_folder", {"file": str(file.path)}) from error
        except OSError as error:
            raise PersonaFileError("file_unreadable", {"file": str(file.path), "error": _reason(error)}) from error

    def read(self, persona_id: str) -> str:
        """Return the persona's text. Raises as `read_bytes` and `decode_persona` do."""
        return decode_persona(self.read_bytes(persona_id), self.name_of(persona_id))

    def load(self, persona_id: str) -> tuple[str, Persona]:
        """Return the persona's text and what it says. Raises as `read` does, and `PersonaError` for its mistakes."""
        text = self.read(persona_id)
        return text, load_persona(text, persona_id)

    def save(self, persona_id: str, text: str, *, replaces: bytes | None = None) -> Path:
        """Write the persona into the house's own folder and return its path. Nobody else's words are lost.

        Without `replaces` no file of that id may exist there; with it, a file there must still hold just that.
        Raises `PersonaFileError` (`file_bad_id`, `file_exists`, `file_changed`, `file_unwritable`).
        """
        if not is_persona_id(persona_id):
            raise PersonaFileError("file_bad_id", {"file": persona_id})
        path = self.own_folder / f"{persona_id}.yaml"
        try:
            self.own_folder.mkdir(parents=True, exist_ok=True)
            if path.exists() and replaces is None:
                raise PersonaFileError("file_exists", {"file": str(path)})
            if path.exists() and path.read_bytes() != replaces:
                raise PersonaFileError("file_changed", {"file": str(path)})
            write_utf8_file_atomic(str(path), text)
        except (OSError, WriteError) as error:
            raise PersonaFileError("file_unwritable", {"file": str(path), "error": _reason(error)}) from error
        return path

    def name_of(self, persona_id: str) -> str:
        """Return where the house's own file of that persona is or would be, as a person would look for it."""
        return str(self.own_folder / f"{persona_id}.yaml")


def _list(folder: Path, *, own: bool) -> list[PersonaFile]:
    files: list[PersonaFile] = []
    for path in sorted(folder.glob("*.y*ml")) if folder.is_dir() else ():
        if path.suffix == ".yaml" and is_persona_id(path.stem):
            files.append(PersonaFile(path.stem, path, own))
        elif own:
            _LOGGER.warning(
                "%s is not offered as a persona: name it with lower-case letters, digits and underscores, and `.yaml`",
                path,
            )
    return files


def _reason(error: Exception) -> str:
    """Return the system's own word for what went wrong, without the path that our text names already."""
    cause = error.args[0] if isinstance(error, WriteError) and error.args else error
    return cause.strerror if isinstance(cause, OSError) and cause.strerror else str(error)
