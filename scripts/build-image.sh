#!/usr/bin/env bash
# Builds the service's image with what its labels say: the version, the commit and the model that answers by default.
#
#   scripts/build-image.sh                                        as mnist-lstm:VERSION and mnist-lstm:latest
#   scripts/build-image.sh --target trainer -t mnist-lstm-trainer other arguments go to docker build
#   scripts/build-image.sh --platform linux/amd64,linux/arm64 --push -t registry.example.com/mnist-lstm
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
model="digits $(sed -n 's/^  "version": "\(.*\)",*$/\1/p' models/digits.card.json)"
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)

arguments=("$@")
[ $# -gt 0 ] || arguments=(-t "mnist-lstm:$version" -t mnist-lstm:latest)

exec docker build --build-arg "VERSION=$version" --build-arg "REVISION=$revision" --build-arg "MODEL=$model" "${arguments[@]}" .
