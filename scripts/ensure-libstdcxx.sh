#!/usr/bin/env bash
# libtorch, which the trainer needs, was built with GCC 13: it wants a libstdc++ that has the symbol
# version GLIBCXX_3.4.32. Ubuntu 24.04, Debian 13 and Fedora 38 have it; on Debian 12 this script
# installs that one library from Debian 13. It does nothing where the library is new enough.
set -euo pipefail

needed=GLIBCXX_3.4.32

[ "$(uname -s)" = Linux ] || exit 0

# awk reads to the end: a pipe that is closed early would fail the script, now and then.
library=$(ldconfig -p 2>/dev/null | awk '$1 == "libstdc++.so.6" && !found { print $NF; found = 1 }')
if [ -n "$library" ] && grep -qa "$needed" "$library"; then
    exit 0
fi

release=$(. /etc/os-release && echo "${ID:-} ${VERSION_ID:-}")
if [ "$release" != "debian 12" ]; then
    echo "The trainer needs a libstdc++ with $needed (GCC 13 or newer); please install it: $release has an older one." >&2
    exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "The trainer needs libstdc++ of GCC 13. Run as root: $0" >&2
        exit 1
    fi
    as_root=(sudo)
fi

echo "Installing libstdc++6 of Debian 13: the trainer's libtorch needs $needed, which Debian 12 lacks."

# The mirror that this machine already uses for Debian 12 also has Debian 13 (trixie).
mirror=$({ cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null || true; } |
    awk 'found { next } $1 == "URIs:" { print $2; found = 1 }
        $1 == "deb" { for (i = 2; i <= NF && !found; i++) if ($i ~ /^https?:/) { print $i; found = 1 } }')
list=/etc/apt/sources.list.d/mnist-lstm-trixie.list
pin=/etc/apt/preferences.d/mnist-lstm-trixie

echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" | "${as_root[@]}" tee "$list" >/dev/null
# Priority 100: nothing else is ever upgraded from there.
printf 'Package: *\nPin: release n=trixie\nPin-Priority: 100\n' | "${as_root[@]}" tee "$pin" >/dev/null

"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -t trixie libstdc++6 >/dev/null
