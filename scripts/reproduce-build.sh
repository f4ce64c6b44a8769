#!/usr/bin/env bash
# Publishes the service twice, from two copies of the last commit in two folders, and compares every byte.
#
#   scripts/reproduce-build.sh [RUNTIME]        linux-x64 (default) or linux-arm64
set -euo pipefail
cd "$(dirname "$0")/.."

runtime=${1:-linux-x64}
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for folder in first another/second; do
    git clone --quiet --no-hardlinks . "$work/$folder"
    dotnet publish "$work/$folder/src/Api" -c Release -r "$runtime" --self-contained false -v quiet -nodeReuse:false -o "$work/$folder/out"
    (cd "$work/$folder/out" && find . -type f -print0 | sort -z | xargs -0 sha256sum) > "$work/${folder##*/}.sha256"
done

if ! diff "$work/first.sha256" "$work/second.sha256"; then
    echo "The two builds differ in the files above." >&2
    exit 1
fi
echo "The two builds are equal: $(wc -l < "$work/first.sha256") files, $(sha256sum < "$work/first.sha256" | cut -d' ' -f1)"
