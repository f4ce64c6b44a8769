// Programs that ask the same question.

import { hasKey } from "./access.js";

/** How long a button says "Copied". */
const CopiedMs = 1_500;

export const PictureFileName = "digit.png";

export function showSnippets(model) {
  const address = new URL(`predict?${new URLSearchParams({ model })}`, document.baseURI);
  const [option, line] = hasKey()
    ? ["-H 'X-API-Key: YOUR-KEY' ", "\nhttp.DefaultRequestHeaders.Add(\"X-API-Key\", \"YOUR-KEY\");"]
    : ["", ""];
  document.getElementById("curl").textContent = `curl ${option}-F file=@${PictureFileName} '${address}'`;
  document.getElementById("csharp").textContent = `using var http = new HttpClient();${line}
using var picture = new StreamContent(File.OpenRead("${PictureFileName}"));
using var form = new MultipartFormDataContent { { picture, "file", "${PictureFileName}" } };
using var response = await http.PostAsync(
    "${address}", form);
Console.WriteLine(await response.Content.ReadAsStringAsync());`;
  document.getElementById("javascript").textContent = `import { readFile } from "node:fs/promises";
const response = await fetch("${address}", {
  method: "POST",
  headers: { "Content-Type": "image/png"${hasKey() ? ', "X-API-Key": "YOUR-KEY"' : ""} },
  body: await readFile("${PictureFileName}"),
});
console.log(await response.text());`;
  document.getElementById("python").textContent = `import urllib.request
picture = open("${PictureFileName}", "rb").read()
headers = {"Content-Type": "image/png"${hasKey() ? ', "X-API-Key": "YOUR-KEY"' : ""}}
request = urllib.request.Request(
    "${address}", picture, headers)
print(urllib.request.urlopen(request).read().decode())`;
}

/** @param {(sentence: string) => void} announce tells those who cannot see the button. */
export function enableCopying(buttons, announce) {
  for (const button of buttons) {
    button.addEventListener("click", async () => {
      const copied = await copy(document.getElementById(button.dataset.copies));
      const words = button.firstChild;
      words.textContent = copied ? "Copied" : "Press Ctrl+C";
      announce(copied ? "Copied." : "The text is selected: press Ctrl+C to copy it.");
      setTimeout(() => { words.textContent = "Copy"; }, CopiedMs);
    });
  }
}

/** Selects the text for the person to copy if the page has no clipboard, as at an address without TLS. */
async function copy(code) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(code);
    return false;
  }
}
