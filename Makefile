# Earshot. `make demo` builds it and shows a diagnosis; `make test` passes the tests.

GO      ?= go
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS := -s -w -X main.version=$(VERSION)
export GOFLAGS ?= -mod=readonly

.PHONY: build demo test tools race fuzz lint bench bench-live soak package clean

build: bin/earshot bin/callgen bin/impair

bin/earshot bin/callgen bin/impair: bin/%: FORCE
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $@ ./cmd/$*

FORCE:

# The main job on captures that this project makes: what was wrong with a few
# calls; the case that a fault in three hours of traffic opens by itself; that
# case as it arrives at a receiver on this machine, signed, with its evidence;
# and the evidence replayed: the figures are reproduced.
DEMO := .cache/demo
DEMO_PORT ?= 10099
demo: build
	bin/earshot replay testdata/demo/input.pcap.gz
	@rm -rf $(DEMO); mkdir -p $(DEMO); umask 077; head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >$(DEMO)/secret
	@bin/callgen -site testdata/faults/codec-on-one-trunk.yaml -site-config $(DEMO)/site.yaml -o $(DEMO)/site.pcap
	@printf 'destinations:\n  - {name: support-desk, kind: webhook, url: "http://127.0.0.1:$(DEMO_PORT)/", secret_file: secret}\n' >>$(DEMO)/site.yaml
	@bin/earshot receive --listen 127.0.0.1:$(DEMO_PORT) --secret-file $(DEMO)/secret --out $(DEMO)/received & \
	trap "kill $$!" EXIT; set -e; show() { echo "$$*"; "$$@"; }; \
	show bin/earshot replay --rules default --config $(DEMO)/site.yaml --evidence $(DEMO)/evidence --deliver $(DEMO)/site.pcap; \
	show bin/earshot evidence check $(DEMO)/received/*/files

# Everything that runs here; what needs a tool that is missing says so and skips.
# A real Request Tracker is slow beside others, so it comes by itself.
test: tools
	$(GO) test -timeout 20m ./...
	EARSHOT_RT=1 $(GO) test -run TestRealRequestTracker ./alerting/outbox

# What the tests compare with and talk to. Root installs it; everybody else is
# told. RUNLEVEL=1 keeps the packages' services from starting.
TOOLS := tshark tcpdump sip-tester baresip-core kamailio rtpengine-daemon nftables iproute2 prometheus victoria-metrics \
	prometheus-alertmanager exim4-daemon-light request-tracker5 rt5-db-sqlite rt5-standalone
tools:
	@missing=; for t in $(TOOLS); do dpkg -s $$t >/dev/null 2>&1 || missing="$$missing $$t"; done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else echo "tests that need$$missing will skip; to install: sudo apt-get install$$missing"; fi

# Everything that has goroutines.
race:
	$(GO) test -race -short ./pipeline ./capture ./web ./cmd/earshot

# A short fuzz of every target: FUZZTIME each. A worker that is still busy when
# the time is over makes go test say "context deadline exceeded";
# that is no finding, a failing input is.
FUZZTIME ?= 5s
FUZZLOG := .cache/fuzz.log
fuzz:
	@mkdir -p .cache; set -e; for dir in $$($(GO) list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.Dir}}{{end}}' ./...); do \
		for target in $$(grep -hoE '^func Fuzz[A-Za-z0-9_]+' $$dir/*_test.go 2>/dev/null | sed 's/^func //'); do \
			echo "fuzz $$(basename $$dir) $$target"; \
			if $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$dir >$(FUZZLOG) 2>&1; then continue; fi; \
			if grep -q 'context deadline exceeded' $(FUZZLOG) && ! grep -q 'Failing input' $(FUZZLOG); then continue; fi; \
			cat $(FUZZLOG); exit 1; \
		done; done

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
lint:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo 'run gofmt -w on these'; exit 1; }
	$(GO) vet ./...
	GOFLAGS= $(GO) run $(STATICCHECK) ./...

# The whole path, measured: writes the table of bench/README.md.
bench: build
	$(GO) run ./bench

# Live capture, HEP and scrapes, measured: writes bench/LIVE.md. Wants root.
bench-live: build
	$(GO) run ./bench/live

# Half an hour of calls coming and going, with floods of junk: writes
# bench/SOAK.md. Wants root; SOAK='-minutes 5' is a shorter one.
soak: build
	$(GO) run ./bench/soak $(SOAK)

# A static binary and Debian packages for amd64 and arm64, in dist/.
package:
	deploy/package.sh

clean:
	rm -rf bin dist .cache
