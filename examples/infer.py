# Run: python3 examples/infer.py http://localhost:8080 docs/images/five.png
# Prints: 5
# The call that tritonclient.http makes: JSON, then raw tensors, and the length of the JSON in a header.
import array
import json
import struct
import sys
import urllib.request

address, file = sys.argv[1:]
with open(file, "rb") as picture:
    content = picture.read()

tensor = struct.pack("<I", len(content)) + content
header = json.dumps({
    "inputs": [{"name": "rows", "shape": [1], "datatype": "BYTES", "parameters": {"binary_data_size": len(tensor)}}],
    "outputs": [{"name": "probabilities", "parameters": {"binary_data": True}}],
}).encode()
request = urllib.request.Request(f"{address}/v2/models/digits/infer", header + tensor, {
    "Content-Type": "application/octet-stream",
    "Inference-Header-Content-Length": str(len(header)),
})
with urllib.request.urlopen(request) as response:
    length = int(response.headers["Inference-Header-Content-Length"])
    probabilities = array.array("f", response.read()[length:])

print(probabilities.index(max(probabilities)))
