"""The direction of the imports: each package sees only what stands before it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "explorer"
ORDER = (
    *("errors", "interrupts", "units", "language", "ops", "graph", "space", "cost", "compare"),
    *("picture", "budget", "scale", "around", "data", "build", "score", "construct", "search"),
    *("export", "report", "cli"),
)
WITHIN_SEARCH = ("storage", "model", "trials", "samplers", "workers")
FREE = ("__init__", "__main__")
STRANGERS = {("language", "ops"), ("ops", "language")}
TRAINS = ("explorer.construct.layers.construct", "explorer.construct.layers.growth")
TORCH_FREE = ORDER[: ORDER.index("data") + 1]
HEAVY = {"scipy", "optuna", "networkx", "pandas", "matplotlib", "fvcore"}


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def package_of(module: str) -> str:
    """The name in ORDER: ``explorer.ops.conv`` lies in ``ops``."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def part_of_search(module: str) -> str:
    """The name in WITHIN_SEARCH, if it has one."""
    parts = module.split(".")
    return parts[2] if parts[1:2] == ["search"] and len(parts) > 2 else ""


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(FILES[module].read_text("utf-8"))


def imported(nodes: Iterator[ast.AST], module: str) -> Iterator[str]:
    """The full names that import statements ask for; a name that is a module counts as one."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:
                is_package = FILES[module].name == "__init__.py"
                parts = module.split(".")
                kept = len(parts) - node.level + is_package
                source = ".".join([*parts[:kept], *([source] if source else [])])
            for alias in node.names:
                name = f"{source}.{alias.name}"
                yield name if name in FILES else source


def everywhere(module: str) -> set[str]:
    return set(imported(ast.walk(tree(module)), module))


def at_import(module: str) -> set[str]:
    """What is loaded when the module is: not in functions, not for type checkers only."""

    def walk(node: ast.AST) -> Iterator[ast.AST]:
        for child in ast.iter_child_nodes(node):
            is_function = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            is_typing = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            if not is_function and not is_typing:
                yield child
                yield from walk(child)

    return set(imported(walk(tree(module)), module))


def roots(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


def ours(module: str) -> set[str]:
    """The modules of ours that a module imports; ``explorer`` itself is loaded before any."""
    return {name for name in everywhere(module) if name in FILES} - {module, "explorer"}


def test_the_package_is_found() -> None:
    assert {"explorer.errors", "explorer.language.parser", "explorer.space.bind"} <= set(FILES)


def test_every_package_has_its_place_in_the_order() -> None:
    assert {package_of(module) for module in FILES} <= {*ORDER, *FREE}


@pytest.mark.parametrize("module", FILES)
def test_imports_run_one_way(module: str) -> None:
    here = package_of(module)
    if here in FREE:
        return
    allowed = ORDER[: ORDER.index(here) + 1]
    wrong = sorted(name for name in ours(module) if package_of(name) not in allowed)
    assert not wrong, f"{module} imports what stands after {here}"


@pytest.mark.parametrize("module", [m for m in FILES if part_of_search(m) in WITHIN_SEARCH])
def test_imports_within_search_run_one_way(module: str) -> None:
    later = WITHIN_SEARCH[WITHIN_SEARCH.index(part_of_search(module)) + 1 :]
    wrong = sorted(name for name in ours(module) if part_of_search(name) in later)
    assert not wrong, f"{module} imports what stands after it"


@pytest.mark.parametrize("module", FILES)
def test_language_and_ops_do_not_know_each_other(module: str) -> None:
    met = {(package_of(module), package_of(name)) for name in ours(module)}
    assert not met & STRANGERS


def test_no_module_imports_itself_through_others() -> None:
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, f"a cycle: {' > '.join((*trail, module))}"
        if module not in done:
            for name in sorted(ours(module)):
                visit(name, (*trail, module))
            done.add(module)

    for module in FILES:
        visit(module, ())


@pytest.mark.parametrize("module", [m for m in FILES if package_of(m) in TORCH_FREE])
def test_torch_and_what_is_heavy_stay_out_of_the_arithmetic(module: str) -> None:
    assert not roots(everywhere(module)) & {"torch", "torchvision"}
    assert not roots(at_import(module)) & HEAVY


CONSTRUCT = [module for module in FILES if package_of(module) == "construct"]


@pytest.mark.parametrize("module", [m for m in CONSTRUCT if m not in TRAINS])
def test_construct_knows_torch_only_where_it_trains(module: str) -> None:
    assert not roots(everywhere(module)) & {"torch", "torchvision"}


@pytest.mark.parametrize("module", [m for m in FILES if package_of(m) != "search"])
def test_only_search_knows_optuna(module: str) -> None:
    assert "optuna" not in roots(everywhere(module))
