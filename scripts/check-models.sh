#!/usr/bin/env bash
# Checks that each model in models/ is the file whose SHA-256 its card has.
set -euo pipefail
cd "$(dirname "$0")/../models"

for card in *.card.json; do
    model=${card%.card.json}.onnx
    expected=$(sed -n 's/^  "modelSha256": "\(.*\)",*$/\1/p' "$card")
    [ -n "$expected" ] || { echo "models/$card has no modelSha256." >&2; exit 1; }
    echo "$expected  $model" | sha256sum --check -
done
