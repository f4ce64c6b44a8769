// Validates answers of the service against their schemas in the OpenAPI document. Prints those that do not match.
import { Ajv2020 } from "ajv/dist/2020.js";
import { readFile } from "node:fs/promises";

const [address, file, documentFile] = process.argv.slice(2);
const document = JSON.parse(await readFile(documentFile, "utf8"));
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema(document, "openapi");
let matches = 0;

async function check(path, url, options = { method: "GET" }) {
    const response = await fetch(address + url, options);
    const type = response.headers.get("Content-Type").split(";")[0];
    const body = await response.json();
    const pointer = ["paths", path, options.method.toLowerCase(), "responses",
        response.status, "content", type, "schema"]
        .map((key) => encodeURIComponent(String(key).replaceAll("/", "~1"))).join("/");
    const validate = ajv.getSchema(`openapi#/${pointer}`);
    if (validate?.(body)) {
        matches++;
    } else {
        console.log(`${options.method} ${url}: ${response.status} ${type}`, validate?.errors ?? "is not described");
    }
}

const { models } = await (await fetch(`${address}/models`)).json();
for (const [path, item] of Object.entries(document.paths)) {
    if (item.get) {
        const urls = models.map((model) =>
            path.replace(/{(name|model)}/, model.name).replace("{version}", model.version));
        for (const url of new Set([...urls, path.replace(/{.*?}/g, "nobody")])) {
            await check(path, url);
        }
    }
}

const picture = new Blob([await readFile(file)]);
const post = (body) => ({ method: "POST", body });
for (const body of [picture, "text"]) {
    await check("/predict", "/predict", post(body));
    await check("/predict", "/predict?explain=true&rotate=auto", post(body));
    await check("/predict/digits", "/predict/digits", post(body));
}

const form = new FormData();
form.append("files", picture);
form.append("files", new Blob(["text"]));
await check("/predict/batch", "/predict/batch", post(form));
await check("/predict/batch", "/predict/batch", post("text"));
await check("/v2/repository/index", "/v2/repository/index", post());
const infer = "/v2/models/{model}/infer";
const request = document.paths[infer].post.requestBody.content["application/json"].example;
await check(infer, "/v2/models/digits/infer", post(JSON.stringify(request)));
await check(infer, "/v2/models/nobody/infer", post(JSON.stringify(request)));
console.log(`${matches} answers match their schemas.`);
