# Recipes of the workbook; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SPHINX := $(VENV)/.sphinx
OLDER := 2023-Q4 2024-Q1 2024-Q2 2024-Q3 2024-Q4 2025-Q1 2025-Q2 2025-Q3 2025-Q4 2026-Q1
NEWEST := 2026-Q2 2026-Q3

.PHONY: help setup report test engines peers hooks fix check docs golden messages wheel sbom soak lab lowest bench proof lock clean

help: ## list the recipes
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

setup: $(READY) ## make the environment in .venv, with cts in it

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it with make PYTHON=…")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

report: $(READY) ## make the sample and its reports: the older quarters as history, the newest two in full
	$(BIN)/cts sample .
	$(BIN)/cts compute --stages profile,segment,govern $(addprefix --period ,$(OLDER))
	$(BIN)/cts run $(addprefix --period ,$(NEWEST))

test: $(READY) ## run the tests on two cores; FILE=tests/test_x.py (or MARK=browser) runs some, in one process, for a debugger
	$(BIN)/python -m pytest -q --durations 10 $(if $(FILE)$(MARK),$(FILE) $(if $(MARK),-m "$(MARK)"),-n 2 --dist loadfile --no-loadscope-reorder)

engines: $(READY) ## add what PostgreSQL, Spark and a Dask cluster need to the environment
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-engines.lock

peers: $(READY) ## add what only benchmarks measure themselves against
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock

hooks: $(READY) ## let every commit fix and check what it changes
	$(BIN)/pre-commit install

fix: $(READY) ## mend what can be mended of style and notebooks
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/nbstripout --keep-id notebooks/*.ipynb

check: $(READY) ## hold style, types, imports and notebooks; look the packages up in the advisories, where they can be reached
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/nbstripout --verify --keep-id notebooks/*.ipynb
	$(BIN)/python tests/advisories.py

docs: $(SPHINX) ## write the docs' lists from the code, and build the docs: open build/docs/index.html
	$(BIN)/python tests/documents.py
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --nitpicky --jobs 2 docs build/docs

$(SPHINX): $(READY) requirements-docs.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-docs.lock
	@touch $(SPHINX)

golden: $(READY) ## write the golden tables anew; read the difference before you commit it
	$(BIN)/python tests/golden.py

messages: $(READY) ## bring the catalogues of translations up to date; say what lacks its translation
	$(BIN)/python tests/messages.py

wheel: $(READY) ## install the wheel without extras into an empty environment outside the repository, and use it there
	$(BIN)/python tests/wheel.py

sbom: $(READY) ## write build/sbom.json, the bill of materials: every installed package with version and licence, and what needs what
	mkdir -p build
	$(BIN)/uv tool run --quiet --from cyclonedx-bom==7.5.0 cyclonedx-py environment --output-reproducible --pyproject pyproject.toml -o build/sbom.json $(VENV)

soak: $(READY) ## try what always holds of costs on generated ledgers and models, hostile input, runs that are killed, and many units; write docs/reliability.md
	EXAMPLES=$${EXAMPLES:-100} $(BIN)/python -m pytest -q tests/test_costing_properties.py tests/test_any_equation.py
	CASES=$${CASES:-10000} PYTHONPATH=. $(BIN)/python tests/fuzz.py
	PYTHONPATH=. $(BIN)/python tests/kills.py
	PYTHONPATH=. SIZE=sample $(BIN)/python tests/kills.py
	PYTHONPATH=. $(BIN)/python tests/many.py

lab: $(READY) ## open JupyterLab on the notebooks
	$(BIN)/cts lab

lowest: $(READY) ## try the lowest versions that pyproject.toml allows on the golden tables
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(VENV)/lowest
	$(BIN)/uv pip install --quiet --python $(VENV)/lowest/bin/python --resolution lowest-direct . "pytest>=8.4" "hypothesis>=6.140"
	CI= $(VENV)/lowest/bin/python -m pytest -q tests/test_golden.py

bench: peers ## measure, and write benchmarks/RESULTS*.md
	$(BIN)/python benchmarks/costing.py
	$(BIN)/python benchmarks/segment.py
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/strategy.py
	$(BIN)/python benchmarks/simulate.py
	$(BIN)/python benchmarks/panel.py

proof: $(READY) ## write docs/proof.md: every published figure beside ours
	$(BIN)/python tests/proof.py

LOCK := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
  --custom-compile-command "make lock"

lock: $(READY) ## resolve the dependencies again into the lock files
	$(LOCK) pyproject.toml --group dev --output-file requirements.lock
	$(LOCK) --group engines --constraint requirements.lock --output-file requirements-engines.lock
	$(LOCK) --group bench --constraint requirements.lock --output-file requirements-bench.lock
	$(LOCK) --group docs --constraint requirements.lock --output-file requirements-docs.lock

clean: ## remove what was generated
	rm -rf $(VENV) data/sample build dist
	find reports -mindepth 1 ! -name README.md -delete
