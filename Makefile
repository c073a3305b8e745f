# `make run` and `make test` do everything on a machine that has Python 3.11 or newer (with venv), Node 20 or
# newer (with npm) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

PAGE := src/wickwork/analytics/report/page.html
WEB := web/report
MODULES := $(WEB)/node_modules/.ready

.PHONY: run test check format bench lock clean page

run: $(READY) $(PAGE)
	$(BIN)/wick backtest examples/ema_cross.py --report report.html

test: check
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: $(READY) $(PAGE)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	npm --prefix $(WEB) run --silent check
	npm --prefix $(WEB) run --silent test

format: $(READY)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(READY)
	$(BIN)/python benchmarks/against.py --markdown benchmarks/RESULTS.md

lock:
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --custom-compile-command "make lock" -q -o requirements.lock

clean:
	rm -rf $(VENV) $(PAGE) $(WEB)/node_modules benchmarks/.environments benchmarks/.bars

page: $(PAGE)

$(PAGE): $(MODULES) $(WEB)/build.mjs $(wildcard $(WEB)/src/*) $(wildcard $(WEB)/licences/*)
	npm --prefix $(WEB) run --silent build

$(MODULES): $(WEB)/package.json $(WEB)/package-lock.json
	@command -v npm > /dev/null || { echo "The page of the report is built with npm; install Node 20 or newer."; exit 1; }
	@node -e "process.exit(+(process.versions.node.split('.')[0] < 20))" || { echo "The page of the report needs Node 20 or newer."; exit 1; }
	npm --prefix $(WEB) ci --silent
	@touch $(MODULES)

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Wickwork needs Python 3.11 or newer; name one with make PYTHON=python3.12.')"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)
