#!/usr/bin/env bash
# Prints the section of CHANGELOG.md for a tag. Fails where the tag is not the program's version, or there is no such section.
#
#   scripts/release-notes.sh v0.1.0
set -euo pipefail
[ $# -eq 1 ] || { echo "Usage: scripts/release-notes.sh TAG" >&2; exit 2; }
cd "$(dirname "$0")/.."

version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
if [ "$1" != "v$version" ]; then
    echo "The tag is $1, and the version in Directory.Build.props is $version." >&2
    exit 1
fi

notes=$(awk -v heading="## [$version]" 'index($0, "## ") == 1 { wanted = index($0, heading) == 1; next } wanted' CHANGELOG.md)
if [ -z "${notes//[[:space:]]/}" ]; then
    echo "CHANGELOG.md has no section '## [$version] - YYYY-MM-DD'." >&2
    exit 1
fi
echo "$notes"
