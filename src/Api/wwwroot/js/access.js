// The API key, for a service that requires one. It is kept until this tab is closed.

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

/** Calls listener() each time a person submits a key. */
export function onKeySubmitted(listener) {
  form.addEventListener("submit", event => {
    event.preventDefault();
    key = input.value.trim();
    storage()?.setItem(StorageName, key);
    form.hidden = true;
    listener();
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
