"""A net leaves as one plain PyTorch file that needs nothing of ours."""

from explorer.export.facts import Facts, Weights
from explorer.export.source import source
from explorer.export.verify import Verified, verify
from explorer.export.write import write

__all__ = ["Facts", "Verified", "Weights", "source", "verify", "write"]
