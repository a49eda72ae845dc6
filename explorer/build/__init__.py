"""Graphs become torch modules, and are recounted from the outside."""

from explorer.build.audit import Audit, audit
from explorer.build.example import examples
from explorer.build.module import Net, build

__all__ = ["Audit", "Net", "audit", "build", "examples"]
