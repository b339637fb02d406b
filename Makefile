# Everything a person does here, by name. `make` alone prints the list.
# The Makefile makes its own .venv (with uv inside) from the system's Python; nothing else is assumed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
KERNELS := $(VENV)/.kernels-tried
# Compiled here once, since where Python may not write (containers often say so) every start would compile anew.
SYNC = UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/python -m uv sync --locked --inexact --compile-bytecode --quiet

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench studies torture sanitize wheel notebooks docs clean

help: ## print this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

setup: $(STAMP) $(KERNELS) ## make .venv with everything in it, as locked in uv.lock

$(STAMP): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make setup needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)" >&2; \
	  echo "hint: make setup PYTHON=python3.12" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet 'uv>=0.9,<1'
	@$(SYNC)
	@touch $@

# Training is faster with the native kernels and right without them, so not having them is no error.
$(KERNELS): $(STAMP) $(shell find kernels -path kernels/build -prune -o -type f -print 2>/dev/null)
	@if ! command -v c++ >/dev/null; then \
	  echo "no C++ compiler: training runs without the native kernels (hangtag doctor tells more)" >&2; \
	elif echo "building the native kernels: a minute" >&2; ! $(SYNC) --extra native; then \
	  echo "the native kernels cannot be built here: training runs without them" >&2; \
	fi
	@touch $@

demo: setup ## the main job on real images: load, train, evaluate, report, tag, a small shop
	@$(BIN)/hangtag demo

check: setup ## formatting, lint, types, and who may import whom
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --cache-dir $(VENV)/.import-linter

test: setup check ## set everything up, check, and run the tests
	@$(BIN)/python tests/system_packages.py
	@$(BIN)/python -m compileall -q src  # the tests start hundreds of processes, some where Python keeps no bytecode
	@if $(BIN)/python -c 'import hangtag_kernels' 2>/dev/null; then $(BIN)/pytest -n auto kernels/tests; \
	else echo "skipped: the tests of the native kernels; to run them, install a C++ compiler" >&2; fi
	@$(BIN)/pytest -n auto

bench: setup ## run every benchmark against its peer and rewrite benchmarks/RESULTS.md (long)
	@$(BIN)/python -m benchmarks

studies: setup ## run the five studies on the whole data and write STUDIES.md (an hour or two; goes on where it was stopped)
	@$(BIN)/python -m benchmarks.studies

torture: setup ## kill, fill the disk, damage files: every store, and see that nothing is lost (hours)
	@$(BIN)/pytest -m torture
	-@$(BIN)/python -m tests.torture --out torture.json
	-@$(BIN)/python -m tests.torture --mutations 3000 --out torture-mutations.json
	@$(BIN)/python -m tests.torture --table torture.json torture-mutations.json --into docs/reliability.md

sanitize: setup ## the native kernels under sanitizers, and 10,000 random calls of each of their entries (an hour)
	@$(MAKE) -C kernels sanitize random-calls PYTHON=$(CURDIR)/$(BIN)/python

wheel: setup ## build the wheels, install them into an empty environment and run the demonstration there (minutes)
	@$(BIN)/python deploy/try_wheel.py

notebooks: setup ## run the notebooks of examples/ from top to bottom (minutes)
	@$(SYNC) --group notebooks
	@$(BIN)/pytest -m torture tests/examples

docs: setup ## build the site into site/, without a network; a warning is an error
	@$(SYNC) --group docs
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	@echo "site/index.html; with search: $(BIN)/python -m http.server --directory site" >&2

clean: ## remove the environment, caches and what the demo wrote
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis demo site
