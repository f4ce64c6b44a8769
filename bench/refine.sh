#!/usr/bin/env bash
# Measures `refine --images` with a made writer whose 0, 1 and 9 the shipped model cannot read: docs/model.md, "Your own handwriting".
#
#   bench/refine.sh [FOLDER]   everything goes into FOLDER, by default a new one
#
# With REAL_DIGITS_DIR, pictures that people made are read too, and 20 of them are learned.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-$(mktemp -d)}
dotnet build bench/Pictures -c Release -v quiet
bin=artifacts/bin/Pictures/release
trainer() { dotnet "$bin/Trainer.dll" "$@"; }
accuracy() { trainer evaluate "$@" | grep -E '^(Accuracy|Believed)'; }

dotnet "$bin/Pictures.dll" save-hand "$folder/learn" 20 0 odd
dotnet "$bin/Pictures.dll" save-hand "$folder/test" 50 1000

measure() {
    echo "The writer's 500 other pictures:"; accuracy "$1" --images "$folder/test"
    [ -z "${REAL_DIGITS_DIR:-}" ] || { echo "Pictures that people made:"; accuracy "$1" --images "$REAL_DIGITS_DIR"; }
    echo "MNIST's test images:"; accuracy "$1"
}

echo "== Before"
measure models/digits.onnx
echo "== After 20 pictures each of five digits"
time trainer refine models/digits.onnx --images "$folder/learn" --output "$folder/mine.onnx" | tail -5
measure "$folder/mine.onnx"
echo "== The same without MNIST"
time MNIST_DIR='' XDG_CACHE_HOME="$folder" https_proxy=http://127.0.0.1:9 \
    dotnet "$bin/Trainer.dll" refine models/digits.onnx --images "$folder/learn" --output "$folder/without.onnx" | tail -5
measure "$folder/without.onnx"

if [ -n "${REAL_DIGITS_DIR:-}" ]; then
    echo "== After 20 pictures of one source"
    mkdir -p "$folder/source"
    echo 'file,label' >"$folder/source/labels.csv"
    grep canvas "$REAL_DIGITS_DIR/labels.csv" | head -20 | while IFS=, read -r file label; do
        cp "$REAL_DIGITS_DIR/$file" "$folder/source/"
        echo "$file,$label" >>"$folder/source/labels.csv"
    done
    time trainer refine models/digits.onnx --images "$folder/source" --output "$folder/source.onnx" | tail -5
    measure "$folder/source.onnx"
fi
