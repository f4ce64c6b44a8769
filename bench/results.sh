# For the scripts beside it: where a benchmark writes what it measured on this machine.

# results_file [SUFFIX]: bench/results/<processor>-<cores>-cores[-SUFFIX].md, its folder made.
results_file() {
    local processor
    processor=$(awk -F ': ' '/^model name/ && !found { print $2; found = 1 }' /proc/cpuinfo | tr '[:upper:] ' '[:lower:]-' | tr -cd 'a-z0-9-')
    mkdir -p bench/results
    echo "bench/results/${processor:-processor}-$(nproc)-cores${1:+-$1}.md"
}
