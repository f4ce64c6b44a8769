#!/usr/bin/env bash
# Starts docker compose's profile scale, kills the process of each replica (kill -9) and then nginx's, and looks on as a client of nginx.
# Exit code 0 where no request failed while replicas were killed, and every container came back by itself. Takes a minute and a half.
# Its containers and volumes have a project of their own, and are removed at the end. Its ports must be free: 8000, 8001, 8080, 8081.
#
#   bench/compose.sh [ARGUMENTS OF docker compose up]      --build builds the image, --no-build uses the existing one
#
# Processes of containers belong to other users: it asks sudo where it is not root.
set -euo pipefail
cd "$(dirname "$0")/.."

as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
compose=(docker compose --project-name mnist-lstm-bench --profile scale)
answers=$(mktemp)
requests=
finish() {
    [ -z "$requests" ] || { kill "$requests" && wait "$requests"; } 2>/dev/null || true
    "${compose[@]}" down --volumes >/dev/null 2>&1 || true
    rm -f "$answers"
}
trap finish EXIT

state() { docker inspect --format "$2" "$("${compose[@]}" ps --quiet "$1")"; }

# Kills a service's process and waits until it answers again.
kill_service() {
    "${as_root[@]}" kill -9 "$(state "$1" '{{.State.Pid}}')"
    local killed=$SECONDS
    while ((SECONDS - killed < 120)); do
        sleep 0.1
        if [ "$(state "$1" '{{.RestartCount}} {{.State.Status}}')" = "1 running" ] && eval "$2"; then
            echo "$1: killed, and there again within $((SECONDS - killed + 1)) s"
            return
        fi
    done
    echo "$1: killed, and not there again after two minutes" >&2
    exit 1
}

nginx_answers() { curl --silent --fail --max-time 2 --output /dev/null http://localhost:8000/health/ready; }

"${compose[@]}" up --detach --wait "$@"
for ((i = 0; i < 50; i++)); do nginx_answers && break || sleep 0.2; done
nginx_answers || { echo "nginx does not answer on port 8000: ${compose[*]} logs nginx" >&2; exit 1; }

# Ten requests a second, each on its own, as their answers may take a while. At the end it waits for them, and says how many they are.
(
    sent=0 stopped=
    trap 'stopped=yes' TERM
    until [ -n "$stopped" ]; do
        curl --silent --max-time 30 --output /dev/null --write-out '%{http_code}\n' --form file=@docs/images/five.png \
            http://localhost:8000/predict >>"$answers" &
        sent=$((sent + 1))
        sleep 0.1
    done
    wait
    echo "$sent sent" >>"$answers"
) &
requests=$!

sleep 5
for replica in api api-2 api-3; do
    kill_service "$replica" '[ "$(state "$1" "{{.State.Health.Status}}")" = healthy ]'
    sleep 5
done
kill "$requests"
wait "$requests"
requests=

total=$(sed -n 's/ sent$//p' "$answers")
answered=$(grep --count '^200$' "$answers" || true)
echo "$total requests while replicas were killed, $((total - answered)) failed"
kill_service nginx nginx_answers
[ "$total" -gt 0 ] && [ "$total" -eq "$answered" ]
