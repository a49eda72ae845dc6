"""How many workers, of how many threads each: decided by a rehearsal on the machine at hand."""

from explorer.search.crew.crews import Crew
from explorer.search.crew.devices import devices_of
from explorer.search.crew.pick import Pick, pick_crew

__all__ = ["Crew", "Pick", "devices_of", "pick_crew"]
