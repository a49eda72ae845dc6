"""What may be afforded: bounds, random draws, and repair into the bounds. Without torch."""

from explorer.budget.bounds import (
    BOUNDED,
    Budget,
    budget_from_json,
    costs_of,
    parse_budget,
    show_cost,
)
from explorer.budget.draw import Codes, Draws, cross, draw, mutate
from explorer.budget.extremes import Extreme, least, most
from explorer.budget.feasible import Feasible
from explorer.budget.prior import Prior
from explorer.budget.profile import Profile, profile
from explorer.budget.words import shortly
from explorer.cost.batch import LATENCY

__all__ = [
    "BOUNDED",
    "LATENCY",
    "Budget",
    "Codes",
    "Draws",
    "Extreme",
    "Feasible",
    "Prior",
    "Profile",
    "budget_from_json",
    "costs_of",
    "cross",
    "draw",
    "least",
    "most",
    "mutate",
    "parse_budget",
    "profile",
    "shortly",
    "show_cost",
]
