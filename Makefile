# The same four words in the README and in CI. Needs Python 3.11 or newer and make, nothing else.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test check bench clean

run: $(VENV)/run.ready  ## start the app on localhost
	@$(BIN)/python app.py --server.port $(PORT)

test: $(VENV)/dev.ready  ## every test: what computes on two cores; processes, pages, the browser alone
	@$(BIN)/python -m pytest tests/core tests/test_house.py --ignore tests/core/runs -n 2 --dist loadfile
	@$(BIN)/python -m pytest tests/core/runs tests/pages tests/browser

check: $(VENV)/dev.ready  ## format, lint, types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

bench: $(VENV)/dev.ready  ## ratios in one process; one table, and bench.json
	@$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache

$(VENV)/bin/python:
	@echo "Creating $(VENV) with $(PYTHON)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "SeqScope needs Python 3.11 or newer; set PYTHON=/path/to/python3.11")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.ready: requirements.txt | $(VENV)/bin/python
	@echo "Installing requirements.txt (once; torch is the large one)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/dev.ready: requirements.txt requirements-encoder.txt requirements-pretrained.txt requirements-postgres.txt requirements-dev.txt | $(VENV)/bin/python
	@echo "Installing requirements-dev.txt (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/run.ready
