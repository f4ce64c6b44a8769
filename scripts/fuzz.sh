#!/usr/bin/env bash
# Changes picture files for the time given, and looks for one on which the decoders or the normalizer throw, crash, hang
# or take too much memory. afl-fuzz keeps each change that reaches new branches of our code or of ImageSharp's.
#
#   scripts/fuzz.sh [SECONDS] [FOLDER] [FORMAT...]
#
# SECONDS is for each format, 120 by default. FOLDER holds the results, artifacts/fuzz by default; a folder with results is
# continued. FORMAT is png, jpeg, gif, bmp or webp; all five by default.
#
# Needs afl++ (Debian, Ubuntu: apt-get install afl++). In the end the seeds and the files that afl-fuzz kept are read again, one by one,
# by the code as it is shipped and with the limits of the service. The exit code is 1 if one of them has a fault.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-120}
results=${2:-artifacts/fuzz}
formats=("${@:3}")
[ ${#formats[@]} -gt 0 ] || formats=(png jpeg gif bmp webp)
command -v afl-fuzz >/dev/null || { echo "Please install afl++." >&2; exit 2; }
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

dotnet build bench/Fuzz -c Release -v quiet
plain=artifacts/bin/Fuzz/release
mkdir -p "$results"
instrumented=$results/program
rm -rf "$instrumented"
cp -r "$plain" "$instrumented"
dotnet "$plain/Fuzz.dll" instrument "$instrumented"
dotnet "$plain/Fuzz.dll" seeds "$results/seeds"

kept=("$results"/seeds/*)
for format in "${formats[@]}"; do
    findings=$results/$format
    input=$results/seeds/$format
    [ ! -d "$findings/default" ] || input=-

    # .NET reserves far more addresses than it uses, and afl-fuzz does not know its processes.
    AFL_SKIP_BIN_CHECK=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_NO_UI=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 \
        AFL_FORKSRV_INIT_TMOUT=60000 DOTNET_TieredPGO=0 \
        afl-fuzz -i "$input" -o "$findings" -x bench/Fuzz/pictures.dict -t 2000 -m none -V "$seconds" \
        -- dotnet "$instrumented/Fuzz.dll" run > "$results/$format.log" || { tail -20 "$results/$format.log" >&2; exit 1; }

    echo "$format:"
    grep -E '^(run_time|execs_done|corpus_count|edges_found|saved_crashes|saved_hangs) ' "$findings/default/fuzzer_stats"
    kept+=("$findings"/default/{queue,crashes,hangs})
done

dotnet "$plain/Fuzz.dll" replay "${kept[@]}"
