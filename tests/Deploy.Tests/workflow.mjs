// Reads a workflow by GitHub's own parser and schema: each complaint is a line, and without one the exit code is 0.
//
//   node workflow.mjs FILE
import { readFileSync } from "node:fs";
import { register } from "node:module";

// The parser imports JSON as bundlers do and Node does not.
const load = `
  import { readFile } from "node:fs/promises";
  export const load = async (url, context, next) => url.endsWith(".json")
    ? { format: "module", source: "export default " + await readFile(new URL(url)), shortCircuit: true }
    : next(url, context);`;
register(`data:text/javascript,${encodeURIComponent(load)}`);
const { NoOperationTraceWriter, parseWorkflow } = await import("@actions/workflow-parser");

const [name] = process.argv.slice(2);
const { context } = parseWorkflow({ name, content: readFileSync(name, "utf8") }, new NoOperationTraceWriter());
const complaints = context.errors.getErrors();
for (const complaint of complaints) console.log(complaint.message);
process.exitCode = complaints.length === 0 ? 0 : 1;
