import { readFile } from "node:fs/promises";
import { predict, predictBatch } from "./orval.js";

const [address, file] = process.argv.slice(2);
const picture = new Blob([await readFile(file)]);

// The generated functions ask by path alone, as a page of the service would.
const fetchAbsolute = globalThis.fetch;
globalThis.fetch = (path, options) => fetchAbsolute(`${address}${path}`, options);

const one = await predict({ file: picture });
console.log(one.data.digit);

const batch = await predictBatch({ files: [picture, new Blob(["text"])] });
for (const entry of batch.data.predictions) {
    console.log(entry.prediction?.digit ?? entry.error?.type);
}
