#!/usr/bin/env bash
# Installs what the tests need and is missing, builds everything and runs every test.
#
#   ./test.sh              all test projects
#   ./test.sh Shared Api   only tests/Shared.Tests and tests/Api.Tests
#
# Data: MNIST is taken from MNIST_DIR, or downloaded once into the user's cache; without it the tests that need it are
# skipped. Pictures of real digits are taken from REAL_DIGITS_DIR; without it the tests that need them are skipped.
# The last line is "N passed, N failed". The exit code is 0 only if tests ran and all of them passed;
# where CI=true a skipped test counts as a failure.
set -euo pipefail
cd "$(dirname "$0")"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

say() { printf '\n== %s\n' "$*"; }

# Installs Debian or Ubuntu packages, as root or by sudo.
install_packages() {
    local as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    if ! command -v apt-get >/dev/null; then
        echo "Please install $* and run ./test.sh again: this script knows only apt-get." >&2
        exit 1
    fi
    if ! command -v "${as_root[@]:-true}" >/dev/null; then
        echo "Please install $* as root and run ./test.sh again: there is no sudo here." >&2
        exit 1
    fi
    say "Installing $*"
    "${as_root[@]}" apt-get update -qq
    # RUNLEVEL=1: servers among them are not started.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# Installs what a test project's lock file for npm names.
install_node_packages() {
    command -v npm >/dev/null || install_packages npm
    say "Installing $2"
    (cd "tests/$1.Tests" && npm ci --no-audit --no-fund --silent)
}

projects=()
if [ $# -gt 0 ]; then
    for name in "$@"; do projects+=("tests/$name.Tests"); done
else
    projects=(tests/*.Tests)
    if [ "$(uname -sm)" = "Linux aarch64" ]; then
        say "Without tests/Trainer.Tests: there is no libtorch for Linux on arm64"
        for i in "${!projects[@]}"; do [ "${projects[i]}" != tests/Trainer.Tests ] || unset "projects[i]"; done
    fi
fi
for project in "${projects[@]}"; do
    [ -d "$project" ] || { echo "There is no $project." >&2; exit 2; }
done
wants() { [[ " ${projects[*]} " == *" tests/$1.Tests "* ]]; }

if ! command -v dotnet >/dev/null; then
    echo "The tests need the .NET SDK 10: https://dot.net/download" >&2
    exit 1
fi

if wants Browser || wants Clients; then
    if [ -z "${CHROMIUM_PATH:-}" ]; then
        if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null; then
            install_packages chromium
        fi
        CHROMIUM_PATH=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
        export CHROMIUM_PATH
    fi
fi

if wants Browser; then
    # The pictures of the page are compared with committed ones, which show this font.
    fc-list 2>/dev/null | grep Inter >/dev/null || install_packages fontconfig fonts-inter
    install_node_packages Browser "the accessibility checker (axe-core)"
fi

if wants Browser || wants Deploy; then
    PATH=$PATH:/usr/sbin
    command -v nginx >/dev/null || install_packages nginx-light
fi

if wants Deploy; then
    # Not every release has this package; without it one test says so.
    command -v kubectl >/dev/null || (install_packages kubernetes-client) || true
    install_node_packages Deploy "the schemas of GitHub and Kubernetes"
fi

if wants Clients; then
    command -v python3 >/dev/null || install_packages python3
    command -v curl >/dev/null || install_packages curl
    install_node_packages Clients "Node.js, the linters and the generators of clients in TypeScript"
    say "Installing the generators of clients in C#"
    (cd tests/Clients.Tests && dotnet tool restore)
fi

say "Building"
dotnet build MnistLstm.sln -c Release -v quiet

if [ -z "${MNIST_DIR:-}" ]; then
    say "Looking for MNIST"
    if MNIST_DIR=$(dotnet run --project src/Trainer -c Release --no-build -- data); then
        export MNIST_DIR
        echo "$MNIST_DIR"
    else
        unset MNIST_DIR
        echo "Going on without MNIST: the tests that need it are skipped."
    fi
fi

passed=0 failed=0 skipped=0 failures=()
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for project in "${projects[@]}"; do
    say "$project"
    status=0
    dotnet test --project "$project" -c Release --no-build --no-ansi --no-progress 2>&1 | tee "$log" || status=$?

    # The closing summary of dotnet test: "  succeeded: 12" and so on.
    count() { awk -v key="$1:" '$1 == key { n = $2 } END { print n + 0 }' "$log"; }
    passed=$((passed + $(count succeeded)))
    skipped=$((skipped + $(count skipped)))
    project_failed=$(count failed)
    if [ "$status" -ne 0 ] && [ "$project_failed" -eq 0 ]; then
        echo "$project ended with exit code $status."
        project_failed=1
    fi
    failed=$((failed + project_failed))
    mapfile -t -O "${#failures[@]}" failures < <(grep -E '^failed ' "$log" || true)
done

echo
[ ${#failures[@]} -eq 0 ] || printf '%s\n' "${failures[@]}"
if [ "$skipped" -gt 0 ]; then
    echo "$skipped skipped (the reasons stand above)"
    if [ "${CI:-}" = true ]; then
        echo "Where CI=true every test must run: the skipped ones count as failed."
        failed=$((failed + skipped))
    fi
fi
if [ $((passed + failed)) -eq 0 ]; then
    echo "No test ran."
    failed=1
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
