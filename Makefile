# Commands for people who work on surveyapp. Each one prepares what it needs; `make help` lists them.

SHELL := /bin/bash
PYTEST_ARGS ?=
BARS ?=
SERVE ?= 1
EXAMPLE ?= abc

.DEFAULT_GOAL := help
.PHONY: help setup run worker test lint types layers check demo bench clean

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

setup: ## make .venv with the pinned packages, and system libraries when allowed
	@.ci/setup

run: setup ## serve pages and worker at http://127.0.0.1:8000
	@.venv/bin/surveyapp database upgrade
	@.venv/bin/surveyapp serve

worker: setup ## carry out jobs in this terminal (`make run` already does)
	@.venv/bin/surveyapp worker

test: ## run all tests, two at a time
	@.ci/setup --tests
	@.venv/bin/pytest -n 2 $(PYTEST_ARGS)

lint: setup ## style of Python, templates
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/djlint --check --lint --quiet surveyapp reports

types: setup ## mypy, strict
	@.venv/bin/mypy

layers: setup ## imports point down
	@.venv/bin/lint-imports

check: lint types layers test ## everything but the demo

demo: setup ## an example, then its results in the browser (EXAMPLE=suppliers, SERVE=0 ends)
	@.venv/bin/python -m examples.$(EXAMPLE).demo $(if $(filter 0,$(SERVE)),--no-serve)

bench: setup ## every figure beside its bar and the last (BARS="S6 S10" for some, KEEP=1 to keep)
	@.venv/bin/python -m benchmarks.bench $(if $(filter 1,$(KEEP)),--keep) $(if $(filter 1,$(QUICK)),--quick) $(BARS)

clean: ## remove what was installed and made here
	rm -rf .venv .demo .demo-suppliers dist
