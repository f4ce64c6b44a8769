import { readFile } from "node:fs/promises";
import { listModels, predictBatch, predictWithBlob, predictWithFormData, predictWithPng } from "./orval.js";

const [address, file] = process.argv.slice(2);
const picture = new Blob([await readFile(file)]);

// The generated functions ask by path alone, as a page of the service would.
const fetchAbsolute = globalThis.fetch;
globalThis.fetch = (path, options) => fetchAbsolute(`${address}${path}`, options);

const answers = [
    await predictWithFormData({ file: picture }),
    await predictWithPng(picture),
    await predictWithBlob(picture),
];
for (const answer of answers) {
    console.log(answer.status === 200 ? answer.data.digit : answer.status);
}

const batch = await predictBatch({ files: [picture, new Blob(["text"])] });
if (batch.status === 200) {
    for (const entry of batch.data.predictions) {
        console.log(entry.prediction?.digit ?? entry.error?.type);
    }
}

const refused = await predictWithPng(new Blob(["text"]));
console.log(refused.status === 415 ? refused.data.type : refused.status);

const models = await listModels();
if (models.status === 200) {
    console.log(models.data.models.map((model) => model.name).join(" "));
}
