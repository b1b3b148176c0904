# Everything that a developer runs. `make` alone lists it.

PYTHON ?= python3
VENV ?= .venv
PYTEST_ARGS ?=
WORKERS ?= 4
IMAGE ?= docker.io/local/crontask:test

comma := ,

BIN := $(VENV)/bin
# The site's generator is no part of the other environment.
DOCS_VENV ?= .venv-docs
DOCS_BIN := $(DOCS_VENV)/bin
DOCS_STAMP := $(DOCS_VENV)/.installed
STAMP := $(VENV)/.installed
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock" $(LOCK_ARGS)
# Most tests wait for a real cluster most of the time, so they run side by side, each
# worker with a control plane of its own.
PYTEST := $(BIN)/python -m pytest --dist worksteal --numprocesses
STORIES := tests/integration/test_chaos.py $(wildcard tests/integration/test_faults_*.py)

.DEFAULT_GOAL := help
.PHONY: help venv demo dev test lint format unit integration browser chart image kind e2e screenshots assets tools bench compare chaos reliability docs docs-serve lock clean

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "%-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "PYTHON=python3.13 chooses the interpreter (3.11 or newer) of the environment,"
	@echo "VENV=folder where that is; PYTEST_ARGS=... goes to pytest, WORKERS=4 is how many"
	@echo "tests run side by side."

venv: $(STAMP) ## Install everything, hashes checked, into a virtual environment

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit( \
		"make: expected Python 3.11 or newer, found %d.%d (%s); choose another with PYTHON=..." \
		% (v[0], v[1], sys.executable))'
	@test "$$($(BIN)/python -V 2>&1)" = "$$($(PYTHON) -V 2>&1)" || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: venv ## Run everything with examples and show the runs, until Ctrl-C or for DEMO_SECONDS
	@$(BIN)/python -m dev demo

dev: venv ## Run everything quietly; the facade answers on port 6557 (API_PORT)
	@$(BIN)/python -m dev dev

test: lint tools ## Check everything: lint, unit tests, tests on a real API server
ifdef PYTEST_ARGS
	$(PYTEST) $(WORKERS) --ignore=tests/browser $(PYTEST_ARGS)
else
	$(PYTEST) $(WORKERS) --ignore=tests/browser $(STORIES:%=--ignore=%)
	@# What compilers and whole suites beside them take would be faults that no story tells of.
	$(PYTEST) 3 $(STORIES)
	@# By themselves: the browser's driver keeps an event loop of its own running.
	$(PYTEST) 2 tests/browser
endif

lint: venv ## Check style, types and layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile

format: venv ## Rewrite the code in the project's style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

unit: venv ## Run the tests that need no API server
	$(PYTEST) $(WORKERS) tests/unit $(PYTEST_ARGS)

integration: venv ## Run the tests on a real API server and on a real PostgreSQL
	$(PYTEST) $(WORKERS) tests/integration tests/facade tests/history $(PYTEST_ARGS)

browser: venv ## Run the tests in a real browser, which needs chromium and fonts-noto-cjk of Debian
	$(PYTEST) $(WORKERS) tests/browser $(PYTEST_ARGS)

chart: venv ## Write the generated parts of the Helm chart, and its rights for dev
	$(BIN)/python -m dev.generate_chart
	$(BIN)/python -m dev.generate_rights

image: ## Build the image with Docker, as IMAGE
	docker build --tag $(IMAGE) .

kind: image ## Create a kind cluster, install image and chart, and wait for a first record
	kind get clusters 2>/dev/null | grep -qx crontask || kind create cluster --config kind-config.yaml --wait 120s
	kind load docker-image $(IMAGE) --name crontask
	helm upgrade --install crontask helm/crontask --kube-context kind-crontask \
		--namespace crontask --create-namespace --wait --timeout 180s \
		--set image.repository=$(firstword $(subst :, ,$(IMAGE))) \
		--set image.tag=$(lastword $(subst :, ,$(IMAGE))) --set image.pullPolicy=Never
	kubectl --context kind-crontask apply -f docs/hello.yaml
	kubectl --context kind-crontask wait crontask/hello --timeout=60s \
		--for=jsonpath='{.status.lastRun.status}'=Succeeded
	kubectl --context kind-crontask get crontasks

e2e: venv ## Test image and chart on the current context, kind-crontask or crontask-node alone
	CRONTASK_E2E_IMAGE=$(IMAGE) $(BIN)/python -m pytest tests/e2e -m e2e $(PYTEST_ARGS)

screenshots: venv ## Take the pictures of README and docs anew; ONLY=tasks,runs takes some
	@$(BIN)/python -m tests.browser.screenshots $(subst $(comma), ,$(ONLY))

assets: venv ## Take the console's scripts from npm anew, versions and hashes pinned in dev/assets.py
	$(BIN)/python -m dev.assets

tools: venv ## Build the programs that dev and the tests need now, not when first needed
	@$(BIN)/python -m dev tools

bench: venv ## Measure everything beside bare baselines; QUICK=1 in 5 minutes, not 45; PEERS=cronjob
	@$(BIN)/python -m benchmarks $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY)) \
		$(if $(PEERS),--peers $(PEERS))

compare: venv ## Measure this checkout and BEFORE=../other, which has a .venv, in turns; ONLY=burst, facade, steady, slow or growth
	@$(BIN)/python -m benchmarks.compare $(BEFORE) $(if $(ONLY),--only $(ONLY)) \
		$(if $(COUNT),--count $(COUNT)) $(if $(ROUNDS),--rounds $(ROUNDS))

chaos: venv ## Play a random story of faults, SECONDS long (60), and judge it; SEED=.. repeats one
	@$(BIN)/python -m chaos --seconds $(or $(SECONDS),60) $(if $(SEED),--seed $(SEED)) \
		$(if $(PROFILE),--profile $(PROFILE)) $(if $(PLAN),--plan)

reliability: venv ## Measure what each fault costs, in half an hour; writes docs/reliability.md
	@$(BIN)/python -m chaos.reliability $(if $(ONLY),--only "$(ONLY)")

docs: $(DOCS_STAMP) ## Build the site of the documents, in .site/html, and check its links
	$(DOCS_BIN)/python -m dev.site

docs-serve: $(DOCS_STAMP) ## Build the site, and serve it on port 8000
	$(DOCS_BIN)/python -m dev.site --serve

$(DOCS_STAMP): requirements/docs.txt
	$(PYTHON) -m venv --clear $(DOCS_VENV)
	$(DOCS_BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/docs.txt
	@touch $@

lock: venv ## Renew requirements/ from pyproject.toml; LOCK_ARGS=--upgrade for newer versions
	$(COMPILE) pyproject.toml -o requirements/runtime.txt
	$(COMPILE) pyproject.toml --group dev -c requirements/runtime.txt -o requirements/dev.txt
	$(COMPILE) --group build -c requirements/runtime.txt -o requirements/build.txt
	$(COMPILE) --group docs -o requirements/docs.txt
	$(COMPILE) --group go -o requirements/go.txt
	$(COMPILE) --group clients -o requirements/clients.txt

clean: ## Remove what the targets made in the checkout; the cache outside it stays
	rm -rf $(VENV) $(DOCS_VENV) .site .bench .chaos .dev .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .schemathesis build dist
