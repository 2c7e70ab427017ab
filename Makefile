.PHONY: call test install run check bench faults
PYTHON ?= python3
BIN := .venv/bin

install: .venv/installed

.venv/installed: setup.cfg pyproject.toml
	@echo "Setting up .venv (about a minute, once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --editable '.[test]'
	@touch $@

call: install
	@$(BIN)/ivr try

run: install
	$(BIN)/ivr db upgrade
	$(BIN)/ivr db demo --if-empty
	$(BIN)/gunicorn ivr.wsgi:app

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/ivr check
	$(BIN)/ivr schema --check
	$(BIN)/ivr map --check README.md
	$(BIN)/ivr map --check docs/map.svg
	$(BIN)/ivr payments states --check docs/decisions/money.md
	$(BIN)/ivr prove

test: check
	$(BIN)/python -m pytest

bench: install
	$(BIN)/python -m bench

# make faults FAULTS="--seconds 3600": `python -m faults --help` has the rest.
faults: install
	$(BIN)/python -m faults $(FAULTS)
