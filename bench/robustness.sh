#!/usr/bin/env bash
# Measures a model beyond MNIST: pictures that are not digits, corrupted digits, and what refusing the least certain does.
#
#   bench/robustness.sh [MODEL.onnx [BASELINE.onnx]]     default: models/digits-float.onnx models/seed.onnx
#
# Takes MNIST from MNIST_DIR or the trainer's cache, Fashion-MNIST from FASHION_MNIST_DIR or the Debian package
# dataset-fashion-mnist, fonts from SCRIPT_FONTS_DIR or the package fonts-noto-core; without one of these its row is left out.
# Writes bench/results/robustness.md: the figures depend on the models alone.
set -euo pipefail
cd "$(dirname "$0")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build bench/Robustness -c Release -v quiet
report=bench/results/robustness.md
dotnet artifacts/bin/Robustness/release/Robustness.dll "$@" | tee "$report.partial"
mv "$report.partial" "$report"
