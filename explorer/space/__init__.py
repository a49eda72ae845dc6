"""Syntax becomes a space; an assignment makes it a graph."""

from explorer.space.bind import Candidate, bind
from explorer.space.elaborate import elaborate
from explorer.space.header import Rebind
from explorer.space.knobs import Assignment, Choice, Knob, Lever, complete, read_value, write_value
from explorer.space.requirements import broken_requirements
from explorer.space.space import Header, Requirement, Space

__all__ = [
    "Assignment",
    "Candidate",
    "Choice",
    "Header",
    "Knob",
    "Lever",
    "Rebind",
    "Requirement",
    "Space",
    "bind",
    "broken_requirements",
    "complete",
    "elaborate",
    "read_value",
    "write_value",
]
