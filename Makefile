# Two commands matter: `make run` serves the product, `make test` tests it. Both set up what they need.
# PYTHON=/path/to/python3.12 chooses the interpreter, ARGS="..." goes to the command that is run.
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help

python := .venv/bin/python
compile = .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url $(UPGRADE)

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: setup-run ## Serve the product on this machine
	$(python) -m dev run $(ARGS)

.PHONY: test
# Files in the order of their names: those of the whole product, which take longest, are not left for the end.
test: setup-test ## Run every test
	$(python) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

.PHONY: check
check: setup-test ## Lint, formatting, types and architecture
	$(python) -m ruff check
	$(python) -m ruff format --check
	$(python) -m mypy
	$(python) -m pytest -q tests/architecture

.PHONY: docs
docs: setup-run ## Write docs/reference from the code
	$(python) -m dev reference

.PHONY: sql
sql: setup-run ## Write infra/sql from the migrations
	DATABASE_URL=sqlite:// $(python) -m ops migrate --sql mssql --with-business-tables --to infra/sql

.PHONY: tsql
tsql: setup-run ## Check migrations and statements with Microsoft's grammar
	$(python) -m dev tsql

.PHONY: golden
golden: setup-test ## Renew tests/golden/expected; look at the change before you commit it
	$(python) -m tests.golden.references

.PHONY: gallery
gallery: setup-test ## Make every report in every format in build/gallery, with pictures
	$(python) -m dev gallery $(ARGS)

.PHONY: bench
bench: setup-test bench/exceljs/node_modules/.package-lock.json ## Measure what the documents claim
	$(python) -m bench $(ARGS)

bench/exceljs/node_modules/.package-lock.json: bench/exceljs/package-lock.json
	cd bench/exceljs && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error

.PHONY: setup-run
setup-run: ## Install what `make run` needs
	@scripts/setup run

.PHONY: setup-test
setup-test: ## Install what `make test` needs
	@scripts/setup test

.PHONY: lock
lock: setup-run ## Lock pyproject.toml and package.json again (UPGRADE=--upgrade: newest Python packages)
	$(compile) requirements-tools.in -o requirements-tools.txt
	$(compile) requirements-build.in -o requirements-build.txt
	$(compile) pyproject.toml -o requirements.txt
	$(compile) pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt
	npm install --package-lock-only --loglevel=error
	cd bench/exceljs && npm install --package-lock-only --loglevel=error
	@scripts/setup run

.PHONY: clean
clean: ## Remove everything that was built, installed or cached here
	rm -rf .venv .venv-prod node_modules bench/exceljs/node_modules build .dev .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
