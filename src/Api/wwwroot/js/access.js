// The key that a service may ask for. It is kept for this tab, as long as the tab is open.

const StorageName = "api-key";

const form = document.getElementById("access");
const input = document.getElementById("key");

let key = storage()?.getItem(StorageName) ?? null;

/** Headers of a request, with the key if there is one. */
export function withKey(headers = {}) {
  return key ? { ...headers, "X-API-Key": key } : headers;
}

export const hasKey = () => key !== null;

export function askForKey() {
  form.hidden = false;
}

/** Calls use() each time a person has given a key. */
export function takeKey(use) {
  form.addEventListener("submit", event => {
    event.preventDefault();
    key = input.value.trim();
    storage()?.setItem(StorageName, key);
    form.hidden = true;
    use();
  });

  // Pasting and Ctrl+Z in the field concern its text, not the drawing.
  for (const type of ["keydown", "paste"]) {
    input.addEventListener(type, event => event.stopPropagation());
  }
}

/** Null where the browser forbids storage, as with all cookies blocked: the key then lasts until the page is closed. */
function storage() {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}
