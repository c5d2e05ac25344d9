# `make` regenerates the study, `make test` runs the tests; both install what they need into .venv first.
PYTHON ?= python3
UV_VERSION = 0.13.9
BIN := .venv/bin
VENV := .venv/.complete
export PATH := $(CURDIR)/$(BIN):$(PATH)
export DVC_NO_ANALYTICS := 1
export OMP_NUM_THREADS := 1
export JUPYTER_PREFER_ENV_PATH := 1
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)

.PHONY: reproduce setup quick own test lint schema lock clean
reproduce: $(VENV)
	python -m labelnoise.params
	dvc repro estimate
	python -m labelnoise.prewarm
	dvc repro

setup: $(VENV)

quick: $(VENV)
	python -m labelnoise.quick

# Your own data, as params.own.yaml says, into own/: the labels to recheck, and with study.full the study.
own: $(VENV)
	python -m labelnoise.quick --params params.own.yaml --folder own

test: $(VENV)
	python -m pytest

lint: $(VENV)
	ruff check . && ruff format --check .

# For editors, after a change of a method's parameters or of params.py.
schema: $(VENV)
	python -m labelnoise.params --schema > params.schema.json

# The nvidia, cuda and triton pins are left out: torch's own metadata pins them where they are needed,
# and a machine without a CUDA GPU stays small.
lock: $(VENV)
	env -u UV_FIND_LINKS uv pip compile --universal --python-version 3.11 --group dev pyproject.toml \
	  --no-annotate --no-header -q -o requirements.lock
	sed -i -E '/^(nvidia-|cuda-|triton)/d' requirements.lock

# The stamp is written last, so that an interrupted set-up is done again.
$(VENV): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "labelnoise needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q uv==$(UV_VERSION)
	$(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python -r requirements.lock
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e .
	touch $(VENV)

clean:
	rm -rf .venv data runs quick .store
