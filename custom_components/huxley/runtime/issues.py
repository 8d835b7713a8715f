"""The repair issues of one entry: raised, cleared, and forgotten with what they were about."""

from collections.abc import Mapping

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN

_RAISED: HassKey[dict[str, set[str]]] = HassKey(f"{DOMAIN}_issues")


class Issues:
    """What an entry complains about now. Raising an issue again keeps that a person chose to ignore it."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._hass = hass
        everybody = hass.data.setdefault(_RAISED, {})
        self._before = everybody.get(entry_id, set())
        self._now = everybody[entry_id] = set()

    @callback
    def tell(
        self, issue_id: str, key: str, placeholders: Mapping[str, str], fix: Mapping[str, str] | None = None
    ) -> None:
        """Raise an issue with the translation `key`; `fix` is what its repair works on, if one click can do it."""
        self._now.add(issue_id)
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            data=None if fix is None else dict(fix),
            is_fixable=fix is not None,
            severity=ir.IssueSeverity.WARNING,
            translation_key=key,
            translation_placeholders=dict(placeholders),
        )

    @callback
    def clear(self, issue_id: str) -> None:
        """It is no more."""
        self._now.discard(issue_id)
        ir.async_delete_issue(self._hass, DOMAIN, issue_id)

    @callback
    def clear_old(self) -> None:
        """Clear what was raised before the last reload and not since: its skill or room is not there any more."""
        for issue_id in self._before - self._now:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
        self._before = set()


@callback
def async_forget_issues(hass: HomeAssistant, entry_id: str) -> None:
    """The entry is gone, and all that it complained about."""
    for issue_id in hass.data.get(_RAISED, {}).pop(entry_id, set()):
        ir.async_delete_issue(hass, DOMAIN, issue_id)
