"""The vendor's errors by their codes, as its real server words them."""

from collections.abc import Mapping

REQUEST = "invalid_request_error"

# Each code has a type and the words of its message.
ERRORS: Mapping[str, tuple[str, str]] = {
    "account_deactivated": (REQUEST, "The OpenAI account associated with this API key has been deactivated."),
    "billing_hard_limit_reached": (REQUEST, "Billing hard limit has been reached."),
    "cannot_update_voice": (REQUEST, "Cannot update a conversation's voice if assistant audio is present."),
    "conversation_already_has_active_response": (REQUEST, "Conversation already has an active response in progress."),
    "input_audio_buffer_commit_empty": (
        REQUEST,
        "Error committing input audio buffer: buffer too small. Expected at least 100ms of audio.",
    ),
    "insufficient_quota": ("insufficient_quota", "You exceeded your current quota, please check your plan."),
    "invalid_api_key": (REQUEST, "Incorrect API key provided."),
    "invalid_event": (REQUEST, "Invalid event."),
    "invalid_tool_call_id": (REQUEST, "Tool call ID not found in conversation."),
    "invalid_value": (REQUEST, "Invalid value."),
    "item_delete_invalid_item_id": (REQUEST, "Error deleting item: the item does not exist."),
    "item_retrieve_invalid_item_id": (REQUEST, "Error retrieving item: the item does not exist."),
    "item_truncate_invalid_item_id": (REQUEST, "Error truncating item: the item does not exist."),
    "missing_required_parameter": (REQUEST, "Missing required parameter: 'item.content[0].text'."),
    "rate_limit_exceeded": ("tokens", "Rate limit reached. Please try again later."),
    "response_cancel_not_active": (REQUEST, "Cancellation failed: no active response found"),
    "server_error": ("server_error", "The server had an error while processing your request. Sorry about that!"),
    "session_expired": (REQUEST, "Your session hit the maximum duration of 60 minutes."),
    "unsupported_content_type": (REQUEST, "Only model output audio messages can be truncated"),
}


class Refused(Exception):  # noqa: N818  # it is an answer of the protocol, not a failure of ours
    """A client's event that the server answers with an `error` event."""

    def __init__(self, code: str, message: str | None = None, param: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.param = param


def error_body(
    code: str, message: str | None = None, param: str | None = None, event_id: str | None = None
) -> dict[str, str | None]:
    """The `error` object of an `error` event."""
    kind, usual = ERRORS[code]
    return {"type": kind, "code": code, "message": message or usual, "param": param, "event_id": event_id}
