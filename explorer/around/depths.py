"""Opens depths: how many modules of each stage there are; the last ones go first."""

from __future__ import annotations

from explorer.around import plan as plans
from explorer.around.layout import Layout, Names
from explorer.around.plan import Loop, Module, Plan
from explorer.language.syntax import Part
from explorer.scale.stages import Loop as LoopStage
from explorer.scale.stages import Unit, stages
from explorer.space.trees import names_values


def open_depths(layout: Layout, names: Names, plan: Plan) -> None:
    """A knob for each stage of several modules whose last ones may be left out."""
    for stage in stages(layout.file, layout.trace):
        if isinstance(stage, LoopStage):
            _open_loop(stage, layout, names, plan)
        else:
            _open_run(stage.units, layout, names, plan)


def _open_loop(stage: LoopStage, layout: Layout, names: Names, plan: Plan) -> None:
    copies = set(stage.copies)
    if len(copies) == 1 and max(copies) > 1 and _may_go(stage.part, layout):
        name = names.new("depth", layout.trace.of(stage.repeat)[0].before.grid)
        plan.add(plans.depth(name, copies.pop()))
        plan.change(stage.repeat.place, Loop(name))


def _open_run(units: tuple[Unit, ...], layout: Layout, names: Names, plan: Plan) -> None:
    kept = max((i for i, unit in enumerate(units) if not _goes(unit, layout)), default=0) + 1
    leaving = units[kept:]
    if leaving:
        name = names.new("depth", layout.trace.of(units[0].parts[0].element)[0].before.grid)
        plan.add(plans.depth(name, 1 + len(leaving)))
        for number, unit in enumerate(leaving, 2):
            place = unit.parts[0].element.place
            plan.change(place, Module(name, len(unit.parts), number))


def _goes(unit: Unit, layout: Layout) -> bool:
    return all(_may_go(part, layout) for part in unit.parts)


def _may_go(part: Part, layout: Layout) -> bool:
    """Whether what follows a part takes what arrives there as well."""
    if part.alias or names_values(part.element):
        return False
    flows = layout.trace.of(part.element)
    is_kept = bool(flows) and all(flow.before == flow.after for flow in flows)
    return layout.streams.may_go(part.element, is_kept)
