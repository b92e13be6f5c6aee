# Two commands matter: `make run` and `make test`.

GO       ?= go
ARGS     ?=
FUZZTIME ?= 10s
LINT     := .bin/golangci-lint

# Packages whose tests must cover nearly everything, and how many percent that is.
COVERED := internal/authn=95 internal/org=95 internal/identity=95 policy=98 effective=98

.PHONY: run build test prerequisites lint generate bench cover fuzz soak clean

run: ## start a server with its data in ./espalier-data; ARGS are passed on
	$(GO) run ./cmd/espalier serve $(ARGS)

build: ## build ./espalier, compiled for what the benchmarks do most; make bench ARGS='-profile default.pgo' renews that
	CGO_ENABLED=0 $(GO) build -trimpath -pgo=bench/default.pgo -ldflags '-s -w' -o espalier ./cmd/espalier

test: prerequisites ## every test, with the race detector
	$(GO) test -race -timeout 14m ./...

prerequisites: ## what the tests talk to besides Go: PostgreSQL, the AWS CLI, a C compiler for -race
	@tools/prerequisites

lint: $(LINT)
	$(LINT) run

$(LINT): tools/go.mod tools/go.sum
	cd tools && $(GO) build -o ../$(LINT) github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@touch $(LINT)

generate: ## API packages from the service models; docs from the code
	$(GO) generate ./...

bench: ## the figures that this project promises, side by side
	cd bench && $(GO) run . $(ARGS)

cover: ## coverage of the packages that promise it; fails below what they promise
	@for promise in $(COVERED); do \
		package=$${promise%=*} least=$${promise#*=}; \
		$(GO) test -coverprofile=$(CURDIR)/cover.out ./$$package >/dev/null || exit 1; \
		$(GO) tool cover -func=$(CURDIR)/cover.out | \
			awk -v package=$$package -v least=$$least \
			'/^total:/ { printf "%-20s %s\n", package, $$3; exit ($$3 + 0 < least) }' || exit 1; \
	done

fuzz: ## every fuzz target for FUZZTIME
	@for package in $$($(GO) list ./... | grep -v /e2e); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

soak: ## ten million random policies and requests, decided by both policy evaluators
	$(GO) test -timeout 2h -v -run '^TestSecondEvaluatorAgrees$$' ./policy -args -policy.pairs 10000000

clean:
	rm -rf .bin espalier cover.out
