# make help lists what there is.
.DEFAULT_GOAL := help
.PHONY: help build test lint fmt packages

SOURCES := Package.swift Sources Tests
PACKAGES := libpq-dev libssl-dev libcurl4-openssl-dev libgmime-3.0-dev pkg-config postgresql postgresql-client python3 openssl

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build everything
	swift build

test: ## Run all tests; they start and end the servers that they need
	swift test --experimental-maximum-parallelization-width 6

lint: ## Fail on any difference from the checked-in format
	swift format lint --strict --recursive --parallel --configuration .swift-format $(SOURCES)

fmt: ## Bring the sources into the checked-in format
	swift format --in-place --recursive --parallel --configuration .swift-format $(SOURCES)

packages: ## Print what has to be installed from Debian
	@echo "apt-get install --no-install-recommends $(PACKAGES)"
