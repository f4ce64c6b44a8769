# For the scripts beside it.

# results_file [SUFFIX]: bench/results/<processor>-<cores>-cores[-SUFFIX].md, its folder made.
results_file() {
    local processor
    processor=$(awk -F ': ' '/^model name/ && !found { print $2; found = 1 }' /proc/cpuinfo | tr '[:upper:] ' '[:lower:]-' | sed 's,(r),,g' | tr -cd 'a-z0-9-')
    mkdir -p bench/results
    echo "bench/results/${processor:-processor}-$(nproc)-cores${1:+-$1}.md"
}

# find_mnist: sets MNIST_DIR as the trainer finds it, which downloads MNIST into the user's cache if it must.
find_mnist() {
    [ -n "${MNIST_DIR:-}" ] || MNIST_DIR=$(dotnet run --project src/Trainer -c Release -- data)
    export MNIST_DIR
}

# publish_service: builds the service as the Dockerfile does, compiled ahead; $service is its Api.dll then.
publish_service() {
    local runtime
    case $(uname -m) in
        x86_64) runtime=linux-x64 ;;
        aarch64) runtime=linux-arm64 ;;
        *) echo "The service is not published for $(uname -m)." >&2; exit 2 ;;
    esac
    dotnet publish src/Api/Api.csproj -c Release -r "$runtime" --self-contained false -p:DebugType=none -v quiet
    service=artifacts/publish/Api/release_$runtime/Api.dll
    # As in the image.
    export DOTNET_EnableDiagnostics=0
}
