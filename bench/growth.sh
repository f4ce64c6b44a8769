#!/usr/bin/env bash
# Measures how cost grows: with the pixels of an upload, images in a batch, connections, the hidden size and the cores.
#
#   bench/growth.sh
#
# Writes bench/results/<processor>-<cores>-growth.md and its curves beside it. Everything runs on the loopback and ends by itself,
# after about three minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
. bench/common.sh

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
find_mnist
command -v taskset >/dev/null || { echo "Please install taskset (util-linux)." >&2; exit 2; }
publish_service
dotnet build bench/Growth -c Release -v quiet
report=$(results_file growth)
exec dotnet artifacts/bin/Growth/release/Growth.dll "$service" models "$report"
