#!/usr/bin/env bash
# Reads changed picture files for as long as asked, and looks for one on which decoder or normaliser throw, crash, hang or
# take too much memory. Which changes lead to new branches of our code tells afl-fuzz what to go on with.
#
#   scripts/fuzz.sh [SECONDS] [FOLDER]     default: 600 s, results in artifacts/fuzz, which goes on where it holds results
#
# Needs afl++ (Debian, Ubuntu: apt-get install afl++). Exit code 1 where a file was found that still has a fault when it is
# read again, alone and by the code as it is shipped.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-600}
results=${2:-artifacts/fuzz}
command -v afl-fuzz >/dev/null || { echo "Please install afl++." >&2; exit 2; }
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

dotnet build bench/Fuzz -c Release -v quiet
plain=artifacts/bin/Fuzz/release
mkdir -p "$results"
instrumented=$results/program
rm -rf "$instrumented"
cp -r "$plain" "$instrumented"
dotnet "$plain/Fuzz.dll" instrument "$instrumented/Shared.dll"

if [ -d "$results/findings/default" ]; then
    input=-
else
    dotnet "$plain/Fuzz.dll" seeds "$results/seeds"
    input=$results/seeds
fi

# .NET reserves far more addresses than it uses, and its processes are not what afl-fuzz looks for by itself.
AFL_SKIP_BIN_CHECK=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_NO_UI=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 \
    AFL_FORKSRV_INIT_TMOUT=60000 DOTNET_TieredPGO=0 \
    afl-fuzz -i "$input" -o "$results/findings" -x bench/Fuzz/pictures.dict -t 3000 -m none -V "$seconds" \
    -- dotnet "$instrumented/Fuzz.dll" run > "$results/afl-fuzz.log" || { tail -20 "$results/afl-fuzz.log" >&2; exit 1; }

found=$results/findings/default
grep -E '^(run_time|execs_done|corpus_count|edges_found|saved_crashes|saved_hangs) ' "$found/fuzzer_stats"
shopt -s nullglob
files=("$found"/crashes/id:* "$found"/hangs/id:*)
[ ${#files[@]} -eq 0 ] || exec dotnet "$plain/Fuzz.dll" replay "${files[@]}"
