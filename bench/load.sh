#!/usr/bin/env bash
# Publishes the service as the image has it and drives it beside a constant answer and a plain ONNX Runtime service, in
# interleaved rounds; or alone for a long time.
#
#   bench/load.sh [ROUNDS] [SECONDS]     default: 3 rounds of 3 s, about six minutes in all
#   bench/load.sh flat [MINUTES]         mixed pictures at 64 connections, memory every minute; 10 minutes
#   bench/load.sh first [ROUNDS]         from the start on, beside the plain service; 3 rounds
#   bench/load.sh profile [SECONDS]      where the processor's time goes, sampled by perf; 20 s
#
# Writes bench/results/<processor>-<cores>.md, or ...-flat.md, ...-first.md, ...-profile.md. Everything runs on the loopback and ends by itself.
set -euo pipefail
cd "$(dirname "$0")/.."
. bench/common.sh

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
find_mnist
publish_service
dotnet build bench/Load -c Release -v quiet
load=artifacts/bin/Load/release/Load.dll
if [ "${1:-}" = flat ]; then
    report=$(results_file flat)
    exec dotnet "$load" flat "$service" models "$report" "${2:-10}"
fi
if [ "${1:-}" = first ]; then
    report=$(results_file first)
    exec dotnet "$load" first "$service" models "$report" "${2:-3}"
fi
if [ "${1:-}" = profile ]; then
    command -v perf >/dev/null || { echo "Please install perf (Debian: linux-perf)." >&2; exit 2; }
    report=$(results_file profile)
    # For perf, the run time lists what it has compiled, and keeps it in memory that perf looks up in that list.
    exec env DOTNET_PerfMapEnabled=1 DOTNET_EnableWriteXorExecute=0 dotnet "$load" profile "$service" models "$report" "${2:-20}"
fi
report=$(results_file)
exec dotnet "$load" drive "$service" models "$report" "${1:-3}" "${2:-3}"
