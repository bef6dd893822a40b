# Everything needs Python 3.11+ and make, nothing else. Each target makes the virtual environment if missing.
PYTHON ?= python3
BIN := .venv/bin
MIRROR := $(wildcard ../shared/data)
export WESTPHALIA_MIRROR ?= $(abspath $(MIRROR))

.PHONY: run test lint bench world clean

run: .venv/run
	$(BIN)/westphalia run sino-russian

test: .venv/dev
	$(BIN)/python -m pytest

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/dev
	$(BIN)/python -m benchmarks

# Rebuilds worlds/2024 from the raw public files (docs/data.md says how to get them).
world: .venv/dev
	$(BIN)/python scripts/build_world_2024.py

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Westphalia needs Python 3.11 or later; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/run: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[report]'
	@touch $@

.venv/dev: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ .venv/run

clean:
	rm -rf .venv out dist build .pytest_cache .mypy_cache .ruff_cache
