# LiveDance. `make run` and `make test` need nothing but this folder; `make` lists the rest.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# rustup's folder is searched even in a terminal that was open before rustup came.
export PATH := $(PATH):$(HOME)/.cargo/bin

CARGO ?= cargo
# Arguments of `make run` and others, for example: make run ARGS="camera:1 --model lite"
ARGS ?=

# Every target uses the `dev` profile and the same features, so the dependencies are compiled once for all of them.

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: setup ## Install what is missing, build, open the app (ARGS="camera:1 --model lite")
	$(CARGO) run --locked -- $(ARGS)

.PHONY: serve
serve: setup ## The inference server, on this machine's port 8000 (ARGS="--addr 0.0.0.0:8000")
	$(CARGO) run --locked -- serve $(ARGS)

.PHONY: test
test: setup ## Install what is missing, run every test
	$(CARGO) test --locked --no-fail-fast

.PHONY: setup
setup: ## Install what is missing: system packages, ONNX Runtime; check Rust
	@scripts/setup.sh

.PHONY: lint
lint: ## Clippy with warnings denied, on every target
	@scripts/clippy.sh

.PHONY: fmt
fmt: ## Format the code
	$(CARGO) fmt

.PHONY: bench
bench: setup ## Milliseconds a stage on the demo clip (ARGS="--json")
	$(CARGO) run --locked -- bench demo $(ARGS)

.PHONY: compare
compare: setup ## Our tracker's time against MediaPipe's on the same frames
	scripts/compare_mediapipe.sh $(ARGS)
