#!/usr/bin/env bash
# Builds the service or the trainer and does to it what docs/reliability.md describes. Exit code 0 where it held.
#
#   bench/faults.sh replicas [SECONDS]    three replicas behind nginx, killed, frozen, drained; 60 s
#   bench/faults.sh overload [SECONDS]    three times the requests that can be answered; 60 s
#   bench/faults.sh soak     [SECONDS]    mixed traffic; 1800 s
#   bench/faults.sh slow     [SECONDS]    slow and half-open clients, and aborts; 30 s
#   bench/faults.sh large    [SECONDS]    pictures of 12 megapixels and tensors of 1,024 images; 20 s
#   bench/faults.sh attacks  [SECONDS]    requests made to exhaust a container of 1 GiB; 10 s
#   bench/faults.sh clock    [SECONDS]    the clock jumps by a day and by a year, by libfaketime; 30 s
#   bench/faults.sh training [KILLS]      training killed at random times of each stage; 20
set -euo pipefail
cd "$(dirname "$0")/.."
. bench/common.sh

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
run=${1:-}
case $run in
    replicas) project=Api count=${2:-60}; PATH=$PATH:/usr/sbin; command -v nginx >/dev/null || { echo "Please install nginx." >&2; exit 2; } ;;
    overload) project=Api count=${2:-60} ;;
    soak) project=Api count=${2:-1800} ;;
    slow) project=Api count=${2:-30} ;;
    large) project=Api count=${2:-20} ;;
    attacks) project=Api count=${2:-10} ;;
    clock)
        project=Api count=${2:-30}
        export LIBFAKETIME=${LIBFAKETIME:-/usr/lib/$(uname -m)-linux-gnu/faketime/libfaketimeMT.so.1}
        [ -f "$LIBFAKETIME" ] || { echo "Please install libfaketime, or name its libfaketimeMT.so.1 with LIBFAKETIME." >&2; exit 2; }
        ;;
    training) project=Trainer count=${2:-20} ;;
    *) sed -n '2,11p' bench/faults.sh >&2; exit 2 ;;
esac

# The run's temporary folders go here, so that Ctrl+C leaves none behind.
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"; [ -z "${FAULTS_MEMORY_GROUP:-}" ] || rmdir "$FAULTS_MEMORY_GROUP"' EXIT

# limit_memory: the service gets a control group of 1 GiB where we may make one; otherwise a heap of the size that .NET would take there.
limit_memory() {
    local root=/sys/fs/cgroup limit=memory.max
    [ ! -d "$root/memory" ] || { root=$root/memory; limit=memory.limit_in_bytes; }
    FAULTS_MEMORY_GROUP=$root/mnist-lstm-faults-$$
    if mkdir "$FAULTS_MEMORY_GROUP" 2>/dev/null && echo 1G >"$FAULTS_MEMORY_GROUP/$limit" 2>/dev/null; then
        export FAULTS_MEMORY_GROUP
        echo "The service is limited to 1 GiB by $FAULTS_MEMORY_GROUP."
    else
        rmdir "$FAULTS_MEMORY_GROUP" 2>/dev/null || true
        unset FAULTS_MEMORY_GROUP
        export DOTNET_GCHeapHardLimit=0x30000000
        echo "The service's heap is limited to 768 MiB; its memory is not: no control group can be made here."
    fi
}

find_mnist
dotnet build "src/$project" -c Release -v quiet
dotnet build bench/Faults -c Release -v quiet
arguments=("$run" "$count" "artifacts/bin/$project/release/$project.dll")
[ "$project" = Trainer ] || arguments+=(deploy/nginx)
[ "$run" != attacks ] || limit_memory
TMPDIR=$temporary dotnet artifacts/bin/Faults/release/Faults.dll "${arguments[@]}"
