# Run: bash examples/curl.sh http://localhost:8080 docs/images/five.png
# Prints: "digit":5
# Prints: "digit":5
# Prints: "digit":5
# Prints: "digit":5
# Prints: "text":"5"
set -euo pipefail
address=$1 picture=$2

# One picture, as a form and as the body itself.
curl -sSf -F "file=@$picture" "$address/predict" | grep -o '"digit":[0-9]'
curl -sSf -H 'Content-Type: image/png' --data-binary "@$picture" "$address/predict" | grep -o '"digit":[0-9]'

# Several pictures at once.
curl -sSf -F "files=@$picture" -F "files=@$picture" "$address/predict/batch" | grep -o '"digit":[0-9]'

# All digits in one picture.
curl -sSf -F "file=@$picture" "$address/predict/digits" | grep -o '"text":"[^"]*"'
