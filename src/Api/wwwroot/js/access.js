// The key that a service may ask for. It is kept for this tab, as long as the tab is open.

const StorageName = "api-key";

const form = document.getElementById("access");
const input = document.getElementById("key");

/** Headers of a request, with the key if there is one. */
export function withKey(headers = {}) {
  const key = sessionStorage.getItem(StorageName);
  return key ? { ...headers, "X-API-Key": key } : headers;
}

export const hasKey = () => sessionStorage.getItem(StorageName) !== null;

export function askForKey() {
  form.hidden = false;
}

/** Calls use() each time a person has given a key. */
export function takeKey(use) {
  form.addEventListener("submit", event => {
    event.preventDefault();
    sessionStorage.setItem(StorageName, input.value.trim());
    form.hidden = true;
    use();
  });
}
