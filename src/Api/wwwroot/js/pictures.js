// Pictures that come from outside: chosen, photographed, dropped or pasted.

/** Calls accept(file) for each picture, and reject(sentence) for anything that is not a file. */
export function acceptPictures({ inputs, paper, accept, reject }) {
  for (const input of inputs) {
    input.addEventListener("change", () => {
      if (input.files.length > 0) {
        accept(input.files[0]);
      }

      // The same file may be chosen again.
      input.value = "";
    });
  }

  document.addEventListener("dragover", event => {
    if (isTextForField(event)) {
      delete paper.dataset.dropping;
    } else {
      event.preventDefault();
      paper.dataset.dropping = "";
    }
  });
  document.addEventListener("dragleave", event => {
    if (event.relatedTarget === null) {
      delete paper.dataset.dropping;
    }
  });
  document.addEventListener("drop", event => {
    delete paper.dataset.dropping;
    if (isTextForField(event)) {
      return;
    }

    event.preventDefault();
    if (event.dataTransfer.files.length > 0) {
      accept(event.dataTransfer.files[0]);
    } else {
      reject("What you dropped is not a file. Save the picture first, then drop its file here.");
    }
  });
  document.addEventListener("paste", event => {
    if (event.clipboardData.files.length > 0) {
      event.preventDefault();
      accept(event.clipboardData.files[0]);
    } else {
      reject("There is no picture on the clipboard. Copy a picture, then paste it here.");
    }
  });
}

/** Whether something other than a file is dragged over a field that takes text: the browser puts it there. */
function isTextForField(event) {
  return event.target.matches?.(":read-write") && !event.dataTransfer.types.includes("Files");
}
