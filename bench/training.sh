#!/usr/bin/env bash
# Measures the LSTM's training steps beside the matrix products that they cannot do without, in both number formats, and
# the post's program (`train --preset seed`): its steps, and the whole command. MNIST is found as the trainer finds it.
#
#   bench/training.sh [ROUNDS [SECONDS]]     default: 5 rounds of 3 s of each, about 3 minutes in all
#
# Writes bench/results/<processor>-<cores>-training.md.
set -euo pipefail
cd "$(dirname "$0")/.."
. bench/common.sh

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build bench/Training -c Release -v quiet
report=$(results_file training)
dotnet artifacts/bin/Training/release/Training.dll "$@" | tee "$report.partial"
mv "$report.partial" "$report"
