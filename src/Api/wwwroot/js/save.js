/** Safari reads a saved file some time after the click. */
const SavingMs = 60_000;

/** Downloads a file, as a click on a link to it does. */
export function saveAs(blob, name) {
  const address = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), SavingMs);
}
