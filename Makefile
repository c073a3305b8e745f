# `make run` and `make test` need Python 3.11 or newer (with venv) and make. The page of the report is built with the
# Node of this machine where that is 20 or newer, otherwise with the one that web/npm.sh installs into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEV := $(VENV)/.dev
# Only wheels: nothing is compiled by pip. Bytecode is written for what gets imported, not for all that is installed.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
LOCKED := $(PIP) --only-binary :all: --require-hashes

PAGE := src/wickwork/analytics/report/page.html
WEB := web/report
MODULES := $(WEB)/node_modules/.ready
NPM := WICKWORK_VENV=$(VENV) sh web/npm.sh --prefix $(WEB)

# ReDoc and Swagger UI, which the server shows.
DOCS := src/wickwork/server/pages/reference
DOCS_WEB := web/docs
DOCS_NPM := WICKWORK_VENV=$(VENV) sh web/npm.sh --prefix $(DOCS_WEB)

.PHONY: run report test check format bench agreement lock clean page

run: $(READY) $(PAGE) $(DOCS)/.ready
	$(BIN)/wick up

report: $(READY) $(PAGE)
	$(BIN)/wick backtest examples/ema_cross.py --report report.html

test: check
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: $(DEV) $(PAGE) $(DOCS)/.ready
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(NPM) run --silent check
	$(NPM) run --silent test

# Both simulators over 20,000 random strategies, with every kind of order; `make test` does 1,000.
agreement: $(DEV)
	WICKWORK_AGREEMENT_CASES=20000 $(BIN)/python -m pytest -n 2 --dist worksteal tests/sim/test_agreement.py

format: $(DEV)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(DEV)
	$(BIN)/python benchmarks/against.py --markdown benchmarks/RESULTS.md

# requirements.lock is what running needs, requirements-dev.lock what developing needs (the same versions, and more),
# requirements-node.lock what a machine without Node needs. None names an index: pip uses the one of its machine.
COMPILE := uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
  --custom-compile-command "make lock"
lock:
	$(COMPILE) pyproject.toml --group dev -o requirements-dev.lock
	$(COMPILE) pyproject.toml --group build -c requirements-dev.lock -o requirements.lock
	$(COMPILE) --group node -o requirements-node.lock

clean:
	rm -rf $(VENV) $(PAGE) $(WEB)/node_modules $(DOCS) $(DOCS_WEB)/node_modules benchmarks/.environments benchmarks/.bars

page: $(PAGE) $(DOCS)/.ready

# The packages are only copied from, so what they would bring along is removed at once.
$(DOCS)/.ready: $(DOCS_WEB)/package.json $(DOCS_WEB)/package-lock.json $(DOCS_WEB)/build.mjs web/npm.sh | $(READY)
	$(DOCS_NPM) ci --silent
	$(DOCS_NPM) run --silent build
	rm -rf $(DOCS_WEB)/node_modules
	@touch $(DOCS)/.ready

$(PAGE): $(MODULES) $(WEB)/build.mjs $(wildcard $(WEB)/src/*) $(wildcard $(WEB)/licences/*)
	$(NPM) run --silent build

$(MODULES): $(WEB)/package.json $(WEB)/package-lock.json web/npm.sh | $(READY)
	$(NPM) ci --silent
	@touch $(MODULES)

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Wickwork needs Python 3.11 or newer; name one with make PYTHON=python3.12.')"
	$(PYTHON) -m venv $(VENV)
	$(LOCKED) -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $(READY)

$(DEV): requirements-dev.lock $(READY)
	$(LOCKED) -r requirements-dev.lock
	@touch $(DEV)
