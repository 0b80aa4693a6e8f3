# The two commands that matter: `make demo` and `make test`. `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

PYTHON ?= python3
TERRAFORM ?= terraform
export TERRAFORM

PY := .venv/bin/python
VENV := .venv/.made
CHECKOV_VENV := .venv-checkov/.made
LAMBDA_PYTHON := build/lambda-python/.made

# fmt needs no provider; an environment that names a missing configuration file would only make it complain.
TERRAFORM_FMT := env -u TF_CLI_CONFIG_FILE $(TERRAFORM) fmt

PYTHON_TREES := $(wildcard lambda_src local_cloud tools cli tests benchmarks)
TYPED_TREES := $(wildcard lambda_src local_cloud tools cli)
TERRAFORM_TREES := $(wildcard modules envs)

##@ Start here

.PHONY: help
help: ## List every target
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z][a-z0-9-]*:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: demo
demo: setup package ## Deliver real files through the local cloud and show what happened
	@PYTHONPATH=lambda_src $(PY) -m tools.demo

.PHONY: demo-dr
demo-dr: setup package ## Drill a recovery plan in three waves on the local cloud
	@PYTHONPATH=lambda_src $(PY) -m tools.demo disaster-recovery

.PHONY: demo-quicksight
demo-quicksight: setup package ## Promote a dashboard between two accounts of the local cloud, and put it back
	@PYTHONPATH=lambda_src $(PY) -m tools.demo quicksight-migration

.PHONY: test
test: setup package $(CHECKOV_VENV) ## Run every check and test, in order, with the time of each layer
	@$(PY) -m tools.gate

.PHONY: setup
setup: terraform-present $(VENV) $(LAMBDA_PYTHON) ## Make the virtual environments (again when a lock changes)

##@ Local cloud

.PHONY: up
up: setup package ## Start the local cloud and apply envs/local
	@$(PY) -m local_cloud up

.PHONY: down
down: $(VENV) ## Stop the local cloud, keep its state
	@$(PY) -m local_cloud down

.PHONY: reset
reset: $(VENV) ## Empty the local cloud and its Terraform state
	@$(PY) -m local_cloud reset

.PHONY: status
status: $(VENV) ## Say whether the local cloud runs, and where
	@$(PY) -m local_cloud status

##@ Packages

.PHONY: package
package: $(VENV) ## Build the Lambda zips and layers into build/packages (only what changed)
	@$(PY) -m tools.package

.PHONY: publish
publish: package ## Upload the zips for a stack: ENV=dev STACK=file-transfer BUCKET=name
	@$(PY) -m tools.publish --env "$(ENV)" --stack "$(STACK)" --bucket "$(BUCKET)"

##@ Checks

.PHONY: lint
lint: $(VENV) $(CHECKOV_VENV) ## Run every static check
	@$(MAKE) --keep-going lint-python lint-types lint-terraform lint-asl lint-checkov lint-generated

.PHONY: lint-python
lint-python: $(VENV) ## ruff: rules and format
	@echo "· ruff"
	@.venv/bin/ruff check --quiet $(PYTHON_TREES)
	@.venv/bin/ruff format --check --quiet --diff $(PYTHON_TREES)

.PHONY: lint-types
lint-types: $(VENV) ## mypy, strict, on what is deployed, the local cloud, the tools and the command line
	@echo "· mypy $(TYPED_TREES)"
	@.venv/bin/mypy $(TYPED_TREES)

.PHONY: lint-terraform
lint-terraform: terraform-present $(VENV) ## terraform fmt and validate, every module and stack
	@echo "· terraform fmt"
	@$(if $(TERRAFORM_TREES),$(TERRAFORM_FMT) -check -diff -recursive $(TERRAFORM_TREES))
	@$(PY) -m tools.terraform_validate

.PHONY: lint-asl
lint-asl: $(VENV) ## The rules for state machine definitions
	@$(PY) -m tools.asl_lint

.PHONY: lint-checkov
lint-checkov: $(CHECKOV_VENV) ## checkov on modules/, without a network
	@echo "· checkov"
	@.venv-checkov/bin/checkov --config-file .checkov.yaml

.PHONY: lint-generated
lint-generated: $(VENV) ## Generated files (README tables, OpenAPI, atlantis.yaml) are up to date
	@$(PY) -m tools.module_docs --check
	@$(PY) -m tools.openapi --check
	@$(PY) -m tools.atlantis --check

.PHONY: format
format: $(VENV) ## Rewrite Python and Terraform in house style
	@.venv/bin/ruff check --fix --quiet $(PYTHON_TREES) || true
	@.venv/bin/ruff format --quiet $(PYTHON_TREES)
	@$(if $(TERRAFORM_TREES),$(TERRAFORM_FMT) -recursive $(TERRAFORM_TREES))

.PHONY: docs
docs: $(VENV) ## Write the generated tables of module READMEs, docs/api and atlantis.yaml
	@$(PY) -m tools.module_docs
	@$(PY) -m tools.openapi
	@$(PY) -m tools.atlantis

##@ Tests, layer by layer

.PHONY: test-unit
test-unit: setup package ## Python units and house rules (tests/unit, tests/house)
	@$(PY) -m tools.gate unit house

.PHONY: test-properties
test-properties: setup ## Random schedules on the virtual clock, and the mutants they must kill (tests/properties)
	@$(PY) -m tools.gate properties

.PHONY: test-modules
test-modules: terraform-present $(VENV) ## terraform test of every module; plans of README examples and deployed stacks
	@$(PY) -m tools.gate modules

.PHONY: test-integration
test-integration: setup package ## Parts against the local cloud (tests/integration)
	@$(PY) -m tools.gate integration

.PHONY: test-e2e
test-e2e: setup package ## Whole systems, applied to the local cloud (tests/e2e)
	@$(PY) -m tools.gate e2e

.PHONY: test-scale
test-scale: setup package ## 2,000 files while calls fail and events are lost (some ten minutes)
	@TOWPATH_SCALE_FILES=2000 $(PY) -m pytest tests/e2e/file_transfer/test_scale.py

.PHONY: benchmark
benchmark: setup package ## Measure throughput, latency and AWS calls a file
	@$(PY) -m benchmarks

.PHONY: benchmark-large
benchmark-large: setup package ## 2 GB through the machine for large files: how long, with how much memory
	@$(PY) -m benchmarks.large_file

.PHONY: soak
soak: setup package ## Ten minutes of steady traffic: does memory or a backlog grow?
	@$(PY) -m benchmarks.soak

##@ Housekeeping

.PHONY: lock
lock: ## Resolve requirements/*.in again (needs uv)
	@requirements/lock

.PHONY: clean
clean: ## Remove everything make made, also the local cloud's state
	@if [ -x $(PY) ] && [ -d build/local ]; then $(PY) -m local_cloud down || true; fi
	@rm -rf build .venv .venv-checkov .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Virtual environments. The stamp is newer than the lock it was made from, or the environment is made anew.

.PHONY: python-version
python-version:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with PYTHON=python3.12 make …" >&2; exit 1; }

.PHONY: terraform-present
terraform-present:
	@command -v $(TERRAFORM) >/dev/null || \
	  { echo "Terraform $$(cat .terraform-version) is needed; name another one with TERRAFORM=… make …" >&2; exit 1; }

define make_venv
	@echo "· $(@D): installing $(shell grep -cE '^[A-Za-z]' $<) packages of $<"
	@$(PYTHON) -m venv --clear $(@D)
	@$(@D)/bin/pip install -qq --disable-pip-version-check --require-hashes -r $<
	@touch $@
endef

# The command line runs from the checkout, so an install would only be a second copy of it.
$(VENV): requirements/dev.txt | python-version
	$(make_venv)
	@printf '#!/bin/sh\nexec "%s" "%s" "$$@"\n' "$(CURDIR)/$(PY)" "$(CURDIR)/cli/launch.py" >.venv/bin/towpath
	@chmod +x .venv/bin/towpath

$(CHECKOV_VENV): requirements/checkov.txt | python-version
	$(make_venv)

$(LAMBDA_PYTHON): requirements/lambda-python.txt | python-version
	$(make_venv)
