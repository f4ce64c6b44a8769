// Holds Kubernetes manifests against Kubernetes' own schemas, which know what must be there: each complaint is a line, and without one
// the exit code is 0.
//
//   node manifests.mjs FILE...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parseAllDocuments } from "yaml";

const require = createRequire(import.meta.url);
process.exitCode = 0;
for (const file of process.argv.slice(2)) {
  for (const manifest of parseAllDocuments(readFileSync(file, "utf8")).map((document) => document.toJS())) {
    const { [manifest.kind]: Model } = require(`kubernetes-models/${manifest.apiVersion}/${manifest.kind}`);
    try {
      new Model(manifest).validate();
    } catch (error) {
      console.log(`${file}: ${error.message}`);
      process.exitCode = 1;
    }
  }
}
