"""A model without an account or a network: it knows the sentences that the skills declare."""

from .enumerate import enumerate_sentences
from .model import OfflineModel
from .session import OfflineSession

__all__ = ["OfflineModel", "OfflineSession", "enumerate_sentences"]
