# Run: python3 examples/predict.py http://localhost:8080 docs/images/five.png
# Prints: 5
import json
import sys
import urllib.error
import urllib.request

address, file = sys.argv[1:]
with open(file, "rb") as picture:
    request = urllib.request.Request(f"{address}/predict", picture.read(), {"Content-Type": "image/png"})

try:
    with urllib.request.urlopen(request) as response:
        print(json.load(response)["digit"])
except urllib.error.HTTPError as error:
    sys.exit(json.load(error)["detail"])
