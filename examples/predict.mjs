// Run: node examples/predict.mjs http://localhost:8080 docs/images/five.png
// Prints: 5
import { readFile } from "node:fs/promises";

const [address, file] = process.argv.slice(2);
const form = new FormData();
form.set("file", new Blob([await readFile(file)]), "digit.png");

const response = await fetch(`${address}/predict`, { method: "POST", body: form });
const answer = await response.json();
if (!response.ok) throw new Error(answer.detail);
console.log(answer.digit);
