#!/usr/bin/env bash
# Batches of 32 images over the Open Inference Protocol's binary form beside ONNX Runtime in process, and over gRPC beside that form,
# in interleaved rounds.
#
#   bench/infer.sh [ROUNDS] [SECONDS]     default: 3 rounds of 3 s
#
# Writes bench/results/<processor>-<cores>-infer.md. Everything runs on the loopback and ends by itself, after about two minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
. bench/common.sh

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
find_mnist
publish_service
dotnet build bench/Load -c Release -v quiet
report=$(results_file infer)
exec dotnet artifacts/bin/Load/release/Load.dll infer "$service" models "$report" "${1:-3}" "${2:-3}"
