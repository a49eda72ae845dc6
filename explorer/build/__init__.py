"""Graphs become torch modules, are recounted from the outside, and are timed."""

from explorer.build.audit import Audit, audit
from explorer.build.example import examples
from explorer.build.latency import Latency, measure_latency
from explorer.build.module import Net, build

__all__ = ["Audit", "Latency", "Net", "audit", "build", "examples", "measure_latency"]
