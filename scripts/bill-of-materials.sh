#!/usr/bin/env bash
# Writes the CycloneDX bill of materials of a project: the packages that it is published with.
#
#   scripts/bill-of-materials.sh src/Api/Api.csproj service.cdx.json
set -euo pipefail
[ $# -eq 2 ] || { echo "Usage: scripts/bill-of-materials.sh PROJECT FILE.cdx.json" >&2; exit 2; }
cd "$(dirname "$0")/.."

version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
dotnet tool restore
dotnet CycloneDX "$1" --recursive --exclude-dev --output-format Json --spec-version 1.6 --set-version "$version" \
    --output "$(dirname "$2")" --filename "$(basename "$2")"
