#!/bin/sh
# Everything that can be said about the code without running it. All checks run; any failure fails the whole.
cd "$(dirname "$0")/.." || exit 1
scratch=$(mktemp -d) && trap 'rm -rf "$scratch"' EXIT
failed=""

check() { # name command...
    name=$1; shift
    echo "== $name"
    "$@" || failed="$failed $name"
}

templates() { find . -path ./.venv -prune -o -path '*/templates/*' -name '*.html' -print; }

# The settings for a real deployment, with addresses that lead nowhere: none of these checks connects.
deployment() {
    env DJANGO_SETTINGS_MODULE=config.settings.production SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
        ALLOWED_HOSTS=slotline.example DATABASE_URL=postgresql://nobody@localhost/nothing REDIS_URL=redis://localhost:6379 \
        AUDIT_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(32))')" \
        python manage.py check --deploy --fail-level WARNING
}

export TEST_DATA_DIR="$scratch" DATA_DIR="$scratch"
check ruff ruff check .
check format ruff format --check .
check types mypy
check imports lint-imports
# shellcheck disable=SC2046 # names of templates hold no spaces
check templates djade --check --target-version 5.2 $(templates)
check migrations env DJANGO_SETTINGS_MODULE=config.settings.test python manage.py makemigrations --check --dry-run
check deployment deployment

[ -z "$failed" ] || { echo "failed:$failed" >&2; exit 1; }
