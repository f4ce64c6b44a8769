import createClient from "openapi-fetch";
import { readFile } from "node:fs/promises";
import type { paths } from "./api.js";

const [address, file] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: address });
const picture = new Blob([await readFile(file)]);

// The generated types have "string" for the bytes of a file.
const form = new FormData();
form.set("file", picture, "five.png");
const asForm = await client.POST("/predict", { body: { file: "" }, bodySerializer: () => form });
console.log(asForm.data?.digit);

const asBody = await client.POST("/predict", {
    body: "",
    headers: { "Content-Type": "image/png" },
    bodySerializer: () => picture,
});
console.log(asBody.data?.digit);

const unknown = await client.GET("/models/{name}", { params: { path: { name: "nobody" } } });
console.log(unknown.error?.type);

const models = await client.GET("/models");
console.log(models.data?.models.map((model) => model.name).join(" "));
