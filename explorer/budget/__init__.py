"""What may be afforded: bounds, random draws, and repair into the bounds. Without torch."""

from explorer.budget.bounds import Budget, parse_budget
from explorer.budget.draw import cross, draw, mutate
from explorer.budget.repair import Repairer

__all__ = ["Budget", "Repairer", "cross", "draw", "mutate", "parse_budget"]
