# Needs make and Python 3.11 or later; everything else is installed into .venv. `make help` lists the targets.
SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help setup demo smoke test simulate faults independent check format bench pins clean
PY := .venv/bin/python
JOBS ?= auto
SIZE ?= full

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.ready ## install what is needed into .venv (again only when requirements/dev.txt changed)

.venv/.ready: requirements/dev.txt
	@requirements/install

demo: setup ## everything in one process: the story, a region with a year behind it, and it stays up; smaller: make demo SIZE=small
	@$(PY) -m infra.cli up --story --demo --size $(SIZE)

smoke: setup ## play the story on a fresh onebox, verify every step, quit
	@$(PY) -m infra.cli smoke

test: setup ## all tests, those with promises in seconds by themselves; a part: make test T=tests/journeys PYTEST_ARGS="-k grant -x"
ifdef T
	@$(PY) -m pytest -n $(JOBS) $(T) $(PYTEST_ARGS)
else
	@$(PY) -m pytest -n $(JOBS) --part beside $(PYTEST_ARGS)
	@$(PY) -m pytest --part alone $(PYTEST_ARGS)
endif

simulate: setup ## the four services under drawn faults, seed by seed: make simulate SEEDS=1-300; one again: SEEDS=17
	@$(PY) -m tests.simulation $(SEEDS)

faults: setup ## the full fault run on real servers: 300 journeys, 30 kills, a minute without broker, the story; another seed: make faults SEED=7
	@$(PY) -m tests.faults.real $(SEED)

independent: setup ## each service alone: its own requirements in a fresh environment, its own tree
	@$(PY) -m pytest tests/independence $(PYTEST_ARGS)

check: setup ## formatting, lint, types, import rules, generated contracts up to date
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo
	@$(PY) -m infra.cli contracts --check

format: setup ## format the code and mend what lint can mend
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format .

bench: setup ## the benchmarks side by side with peer or floor; a part: make bench B="G3 G4"
	@$(PY) -m benchmarks $(B)

pins: ## renew requirements/*.txt from pyproject.toml; newer releases: make pins PINS=--upgrade
	@requirements/compile $(PINS)

clean: ## remove .venv, .pins, .bench and what the tools left (not the onebox's data)
	rm -rf .venv .pins .bench .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build *.egg-info
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
