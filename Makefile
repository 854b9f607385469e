# Two commands matter: `make demo` and `make test`. `make help` lists the others.
CORPUS ?= music21
PROFILE ?= quick
CORPUS_URI ?=
TEST_WORKERS ?= 3
RUN = .venv/bin/

.DEFAULT_GOAL := help
.PHONY: help setup demo stop serve test lint format lock clean compose-check

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 15

setup: ## Make .venv from the lock, once
	@command -v python3 >/dev/null || { echo 'Install Python 3.11: sudo apt-get install python3.11 python3.11-venv'; exit 2; }
	@python3 bootstrap/setup.py

demo: export CORPUS := $(CORPUS)
demo: export PROFILE := $(PROFILE)
demo: export CORPUS_URI := $(CORPUS_URI)
demo: setup ## Run the whole pipeline and hear its champion (CORPUS, CORPUS_URI, PROFILE)
	@$(RUN)musicgen demo --corpus "$$CORPUS" --profile "$$PROFILE" --from "$$CORPUS_URI"

stop: ## End what `make demo` started
	@test ! -x $(RUN)musicgen || $(RUN)musicgen stop

serve: setup ## Serve the champion alone: API and listening page
	@$(RUN)musicgen serve

test: setup lint ## Run every check and the whole suite
	@bootstrap/browser.sh
	@$(RUN)python -m pytest -n $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder

lint: setup ## Style, layers, types
	@$(RUN)ruff check . && $(RUN)ruff format --check . && $(RUN)lint-imports --no-logo && $(RUN)mypy

format: setup ## Mend style
	@$(RUN)ruff check --fix . ; $(RUN)ruff format .

lock: setup ## Write the locks anew from what requirements.in asks for
	@bootstrap/lock.sh

compose-check: setup ## Build the image and start every service of docker-compose.yaml from it
	@$(RUN)python compose/check.py

clean: stop ## Remove everything that was made: environment, data, models, logs
	@rm -rf .venv var .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info
