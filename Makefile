# Everything is compiled in one profile (release), so it is compiled once.

CARGO ?= cargo
LEDGER ?= examples/ledgers/luotang.json
PLAN ?= target/luotang-plan.json
# What is off by default and must build all the same.
OTEL = concentric-cli/otel
# What scripts/setup.sh found or fetched.
TOOLS = $(or $(CARGO_TARGET_DIR),target)/tools
WITH = if [ -f "$(TOOLS)/env" ]; then . "$(TOOLS)/env"; fi;
RUN = $(WITH) $(CARGO) run --quiet --release --locked --package concentric-cli --bin concentric --

.PHONY: help demo serve test test-long lint fmt bench clean setup setup-tests

help:
	@echo "make demo       build, match an example ledger, write $(PLAN)"
	@echo "make serve      start the service on 127.0.0.1:7411"
	@echo "make test       all tests"
	@echo "make test-long  all tests, ten times the random cases, and the traces"
	@echo "make lint       formatting, clippy, documentation; warnings are errors"
	@echo "make fmt        format the code"
	@echo "make bench      benchmarks"
	@echo "make clean      remove build output"

setup:
	@sh scripts/setup.sh

setup-tests:
	@sh scripts/setup.sh tests

demo: setup
	@$(WITH) $(CARGO) build --release --locked --package concentric-cli --bin concentric
	@mkdir -p "$(dir $(PLAN))"
	@$(RUN) match $(LEDGER) -o $(PLAN)
	@echo
	@echo "The plan is in $(PLAN). Next:"
	@echo "    cargo install --locked --path crates/cli                        the command 'concentric'"
	@echo "    concentric verify $(LEDGER) $(PLAN)"
	@echo "    concentric match examples/ledgers/first.json                    two offers, three needs"
	@echo "    concentric init mine.json                                       a ledger to start from"
	@echo "    make serve                                                      plans over gRPC on 127.0.0.1:7411"
	@echo "README.md tells the rest."

serve: setup
	@$(RUN) serve

test: setup-tests
	@$(WITH) $(CARGO) test --release --locked --workspace

test-long: setup-tests
	@$(WITH) CONCENTRIC_LONG=1 $(CARGO) test --release --locked --workspace
	@$(WITH) $(CARGO) test --release --locked --workspace --features $(OTEL) --test export --test traces

lint: setup
	@$(CARGO) fmt --all --check
	@$(WITH) $(CARGO) clippy --release --locked --workspace --all-targets -- -D warnings
	@$(WITH) $(CARGO) clippy --release --locked --workspace --all-targets --features $(OTEL) -- -D warnings
	@$(WITH) RUSTDOCFLAGS=-Dwarnings $(CARGO) doc --release --locked --workspace --no-deps

fmt: setup
	@$(CARGO) fmt --all

bench: setup
	@$(WITH) $(CARGO) bench --locked --workspace

clean:
	@$(CARGO) clean
