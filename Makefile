# The two commands of the README. Each sets up all that it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: search test lint bench soak clean help

help:
	@echo "make search   set up, then search for the best net within 1.5e9 multiply-adds"
	@echo "make test     set up, then run every check and test"
	@echo "make lint     the checks alone: ruff, formatting, mypy"
	@echo "make bench    measured ratios (minutes)"
	@echo "make soak     random texts with fresh seeds, and searches that are killed (an hour)"

search: $(STAMP)
	$(BIN)/explorer search --budget 1.5e9

test: $(STAMP) lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(STAMP)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/benchmarks -s -m bench

# What fails is made small and written to tests/soak/failures; SOAK_SEED=... takes a seed again.
# MINUTES=... is how long searches are killed at random; half an hour without.
soak: $(STAMP)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/soak -s -m soak

# torch is installed by itself and first: its exact version keeps pip from choosing another build.
$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Explorer needs Python 3.11 or newer; try: make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet torch==$$(sed -n 's/^torch==//p' constraints.txt) -c constraints.txt
	$(BIN)/python -m pip install --quiet -e '.[dev]' -c constraints.txt
	touch $(STAMP)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
