# `make` regenerates the study, `make help` lists the rest; each installs what it needs into .venv first.
PYTHON ?= python3
UV_VERSION = 0.13.9
BIN := .venv/bin
VENV := .venv/.complete
KERNELS := src/labelnoise/kernels/__pycache__/.compiled
export PATH := $(CURDIR)/$(BIN):$(PATH)
export DVC_NO_ANALYTICS := 1
export OMP_NUM_THREADS := 1
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)

.PHONY: reproduce help setup quick own test lint schema lock clean
reproduce: $(KERNELS)  ## the whole study, into reports/; what is up to date is left alone
	@python -m labelnoise.reproduce

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(KERNELS)  ## install into .venv what all others need

quick: $(KERNELS)  ## the study in miniature, as presets/quick.yaml says, into quick/
	@python -m labelnoise.reproduce --preset presets/quick.yaml --folder quick

own: $(VENV)  ## your own data, as presets/own.yaml says, into own/: the labels to recheck
	@python -m labelnoise.reproduce --preset presets/own.yaml --folder own

# Two processes: a file's tests stay together, since they share what it has set up.
test: $(VENV)  ## the tests
	python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)  ## formatter and linter, which change nothing
	ruff check . && ruff format --check .

# For editors, after a change of a method's parameters or of params.py.
schema: $(VENV)  ## params.schema.json, claims.schema.json
	python -m labelnoise.params --schema params > params.schema.json
	python -m labelnoise.params --schema claims > claims.schema.json

# The nvidia, cuda and triton pins are left out: torch's own metadata pins them where they are needed,
# and a machine without a CUDA GPU stays small.
lock: $(VENV)  ## requirements.lock: exact versions of all packages
	env -u UV_FIND_LINKS uv pip compile --universal --python-version 3.11 --group dev pyproject.toml \
	  --no-annotate --no-header -q -o requirements.lock
	sed -i -E '/^(nvidia-|cuda-|triton)/d' requirements.lock

# The stamp is written last, so that an interrupted set-up is done again.
$(VENV): requirements.lock pyproject.toml
	@echo "setting up .venv: 1 of 3, a virtual environment"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "labelnoise needs Python 3.11 or newer: make PYTHON=python3.12")'
	@$(PYTHON) -m venv .venv
	@echo "setting up .venv: 2 of 3, the installer uv $(UV_VERSION)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION)
	@echo "setting up .venv: 3 of 3, the $$(grep -c == requirements.lock) packages of requirements.lock"
	$(BIN)/uv pip install --compile-bytecode --python $(BIN)/python -r requirements.lock
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e .
	@touch $(VENV)

# Once for all processes and for the copies in quick/ and own/, which otherwise compile for themselves.
$(KERNELS): $(VENV) $(wildcard src/labelnoise/kernels/*.py)
	@echo "compiling the package and the kernels that train networks, which takes a minute"
	@python -m labelnoise.compiled
	@touch $(KERNELS)

clean:  ## remove .venv, quick/ and all that was computed; reports/, own/ and downloads/ stay
	rm -rf .venv data runs quick .store .dvc/cache .dvc/tmp dvc_plots
