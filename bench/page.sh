#!/usr/bin/env bash
# Publishes and starts the service, draws on its page in a real Chromium and measures from stroke to new bars.
#
#   bench/page.sh [ROUNDS]     default: 20 digits of 25 points
#
# Writes bench/results/<processor>-<cores>-page.md. CHROMIUM_PATH names the browser; without it the usual names are tried.
set -euo pipefail
cd "$(dirname "$0")/.."
. bench/common.sh

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
chromium=${CHROMIUM_PATH:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
[ -n "$chromium" ] || { echo "Install Chromium, or set CHROMIUM_PATH." >&2; exit 2; }
publish_service
dotnet build bench/Page -c Release -v quiet

log=$(mktemp)
dotnet "$service" --urls http://127.0.0.1:0 --shutdown-grace 0s >"$log" &
process=$!
# Not SIGINT, which a script's background processes ignore.
trap 'kill -TERM "$process"; wait "$process" || true; rm -f "$log"' EXIT
until address=$(grep -m 1 -o 'http://127\.0\.0\.1:[0-9]*' "$log"); do
    kill -0 "$process"
    sleep 0.2
done

dotnet artifacts/bin/Page/release/Page.dll "$chromium" "$address" "$(results_file page)" "${1:-20}"
