#!/usr/bin/env bash
# Builds the service's image with what its labels say: the version, the commit and the model that answers by default.
#
#   scripts/build-image.sh                                        as mnist-lstm:VERSION and mnist-lstm:latest
#   scripts/build-image.sh --target trainer -t mnist-lstm-trainer other arguments go to docker build
#   scripts/build-image.sh --platform linux/amd64,linux/arm64 --push -t registry.example.com/mnist-lstm
#   scripts/build-image.sh --pin-bases ...                        looks up the digest of each base image once, and builds on that
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
model="digits $(sed -n 's/^  "version": "\(.*\)",*$/\1/p' models/digits.card.json)"
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)

bases=()
if [ "${1:-}" = --pin-bases ]; then
    shift
    while IFS='=' read -r name image; do
        digest=$(docker buildx imagetools inspect "$image" --format '{{.Manifest.Digest}}')
        bases+=(--build-arg "$name=$image@$digest")
    done < <(sed -n 's/^ARG \([A-Z]*_IMAGE=.*\)/\1/p' Dockerfile)
fi

arguments=("$@")
[ $# -gt 0 ] || arguments=(-t "mnist-lstm:$version" -t mnist-lstm:latest)

exec docker build --build-arg "VERSION=$version" --build-arg "REVISION=$revision" --build-arg "MODEL=$model" "${bases[@]}" \
    "${arguments[@]}" .
