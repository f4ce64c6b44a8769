#!/usr/bin/env bash
# Builds the service and drives it beside a constant answer and a plain ONNX Runtime service, in interleaved rounds.
#
#   MNIST_DIR=... bench/load.sh [ROUNDS] [SECONDS]     default: 3 rounds of 3 s
#
# Writes bench/results/<processor>-<cores>.md. Everything runs on the loopback and ends by itself, after some four minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
. bench/results.sh

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
[ -n "${MNIST_DIR:-}" ] || { echo "Set MNIST_DIR to the folder with t10k-images-idx3-ubyte.gz." >&2; exit 2; }
dotnet build src/Api -c Release -v quiet
dotnet build bench/Load -c Release -v quiet
report=$(results_file)
exec dotnet artifacts/bin/Load/release/Load.dll drive artifacts/bin/Api/release/Api.dll models "$report" "${1:-3}" "${2:-3}"
