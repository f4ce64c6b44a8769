#!/usr/bin/env bash
# Measures each step of the path by itself, with BenchmarkDotNet.
#
#   bench/steps.sh [OPTION...]     default: --job short; options are BenchmarkDotNet's
#
# Writes bench/results/<processor>-<cores>-steps.md. Models in bench/models are measured beside the shipped ones.
set -euo pipefail
cd "$(dirname "$0")/.."
. bench/common.sh

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
[ $# -gt 0 ] || set -- --job short
dotnet build bench/Steps -c Release -v quiet
artifacts=$(mktemp -d)
trap 'rm -rf "$artifacts"' EXIT
dotnet run --project bench/Steps -c Release --no-build -- --filter '*' --exporters GitHub --artifacts "$artifacts" "$@"

models=$(dotnet run --project bench/Steps -c Release --no-build -- models)

report=$(results_file steps)
{
    echo "# Steps of the path"
    echo
    echo "One core; made by \`bench/steps.sh $*\`. Times of step 6 are of a whole batch of N images."
    for part in Pictures RowsAndAnswer Classification; do
        echo
        sed "s/&#39;//g" "$artifacts/results/MnistLstm.Steps.$part-report-github.md"
    done
    echo
    echo "$models"
} >"$report.partial"
mv "$report.partial" "$report"
