# make demo   a real training run, seen and steered      make test    everything, on a fresh machine
# make up     the desk alone                             make check   the fast part, what one runs all day
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: demo up admin test check bench torture dashboards compose-secrets smoke clean

demo: $(VENV)/.demo
	@scripts/up $(BIN)/python scripts/demo.py

up: $(VENV)/.control
	@scripts/up $(BIN)/mixdesk up

# The web page from its source, with a Node below .tools/ where this machine has none. Does nothing where it is built.
admin: $(VENV)/.control
	@scripts/with-node scripts/build-admin

test: $(VENV)/.test
	@scripts/debian-packages
	@scripts/newer-packages
	@$(MAKE) --no-print-directory lint admin-test
	@$(BIN)/python -m pytest -q -rs

check: $(VENV)/.test lint admin-test
	@$(BIN)/python -m pytest -q -x -m "not process"

.PHONY: lint
lint: $(VENV)/.test
	@$(BIN)/ruff check -q .
	@$(BIN)/ruff format -q --check .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/mypy --no-error-summary --python-version 3.10 -p mixdesk
	@$(BIN)/vermin -q --no-tips --target=3.10- --violations --eval-annotations instrumentation/mixdesk
	@$(BIN)/lint-imports --no-cache | tail -n 3
	@scripts/with-node scripts/build-admin
	@cd admin && ../scripts/with-node npm run --silent lint

.PHONY: admin-test
admin-test: $(VENV)/.test
	@scripts/with-node scripts/build-admin
	@cd admin && NO_COLOR=1 ../scripts/with-node npm test --silent -- --reporter=dot

bench: $(VENV)/.bench
	@scripts/with-node scripts/build-admin
	@scripts/newer-packages
	@for script in bench/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

torture: $(VENV)/.test
	@scripts/newer-packages
	@MIXDESK_TORTURE=1 $(BIN)/python -m pytest -q -rs --timeout=3600

# Grafana's dashboards from their source in grafana/mixdesk_dashboards.
dashboards: $(VENV)/.test
	@PYTHONPATH=grafana $(BIN)/python -m mixdesk_dashboards grafana/dashboards

# What docker-compose.observability.yml needs before its first start.
compose-secrets:
	@scripts/compose-secrets

# The whole compose stack for real: needs Docker and a network.
smoke: $(VENV)/.demo
	@$(BIN)/python scripts/smoke

# One environment, grown as far as the target needs it. A stamp is older than pyproject.toml when that has changed.
$(VENV)/.control: EXTRAS = control
$(VENV)/.demo:    EXTRAS = control,demo
$(VENV)/.test:    EXTRAS = test
$(VENV)/.bench:   EXTRAS = bench
$(VENV)/.control $(VENV)/.demo $(VENV)/.test $(VENV)/.bench: pyproject.toml tests/constraints.txt
	@scripts/install "$(PYTHON)" "$(VENV)" "$(EXTRAS)"
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis admin/node_modules admin/.next admin/out
