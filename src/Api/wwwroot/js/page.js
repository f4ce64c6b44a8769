// Connects the modules: the drawing asks the reader, the reader's answers go to the bars and the curves.
import { onKeySubmitted } from "./access.js";
import { Answer } from "./answer.js";
import { Boxes } from "./boxes.js";
import { Corrections } from "./corrections.js";
import { Models } from "./models.js";
import { acceptPictures } from "./pictures.js";
import { Reader } from "./reader.js";
import { saveAs } from "./save.js";
import { NoAnswerError } from "./service.js";
import { Sketch } from "./sketch.js";
import { enableCopying, PictureFileName, showSnippets } from "./snippets.js";
import { Watch } from "./watch.js";

const paper = document.getElementById("paper");
const invitation = document.getElementById("invitation");
const unseenFile = document.getElementById("unseen-file");
const notice = document.getElementById("notice");
const save = document.getElementById("save");
const undo = document.getElementById("undo");
const clear = document.getElementById("clear");
const penWords = document.getElementById("pen-words");

const sketch = new Sketch(document.getElementById("sketch"), document.getElementById("pen"));
const reader = new Reader();
const answer = new Answer();
const watch = new Watch(answer);
const models = new Models();
const boxes = new Boxes();
const answeredVersions = new Set();
const corrections = new Corrections(() => sketch.toPicture(), sentence => answer.announce(sentence));

function readSketch() {
  if (!reader.isOffline && !reader.isWaiting) {
    showNotice("");
  }

  invitation.hidden = !sketch.isEmpty;
  unseenFile.hidden = sketch.unseenFile === null;
  unseenFile.textContent = sketch.unseenFile;
  save.disabled = clear.disabled = sketch.isEmpty;
  undo.disabled = !sketch.canUndo;
  if (document.activeElement?.disabled) {
    sketch.focus();
  }

  corrections.change();
  if (sketch.isEmpty) {
    reader.forget();
    answer.isBusy = false;
    answer.showNothing();
    watch.showNothing();
    boxes.show(null, null);
    corrections.offer(false);
  } else {
    answer.isBusy = true;
    reader.read(() => sketch.toPicture());
  }
}

function showNotice(sentence) {
  notice.textContent = sentence;
  notice.hidden = sentence === "";
}

async function load(file) {
  reader.forget();
  answer.isBusy = true;
  try {
    await sketch.load(file);
  } catch (error) {
    if (!(error instanceof DOMException)) {
      throw error;
    }

    readSketch();
    showNotice(`The browser cannot read “${file.name}”. If it is a folder, choose a picture in it; otherwise choose it again.`);
  }
}

sketch.addEventListener("change", readSketch);
sketch.addEventListener("pen", event => {
  penWords.textContent = event.detail.down ? "Pen down." : "Pen up.";
});
undo.addEventListener("click", () => sketch.undo());
clear.addEventListener("click", () => sketch.clear());
document.addEventListener("keydown", event => {
  if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey) {
    event.preventDefault();
    sketch.undo();
  }
});

acceptPictures({
  inputs: [document.getElementById("picture"), document.getElementById("camera")],
  paper,
  accept: load,
  reject: showNotice,
});

reader.addEventListener("answer", event => {
  const { prediction, digits, place, serviceMs, isLatest } = event.detail;
  showModel(prediction.model.version);
  watch.show(prediction, digits, serviceMs);
  boxes.show(digits, place);
  answer.isBusy = !isLatest;
  corrections.offer(isLatest);
});
reader.addEventListener("problem", event => {
  watch.showNothing();
  boxes.show(null, null);
  answer.showProblem(event.detail.sentence);
  corrections.offer(false);
  answer.isBusy = false;
});
reader.addEventListener("wait", event => showNotice(event.detail.sentence));
addEventListener("offline", () => reader.reportOffline());
reader.addEventListener("offline", event => showNotice(event.detail.sentence));
reader.addEventListener("online", () => {
  showNotice("");
  loadModels();
});

models.addEventListener("choose", event => {
  showSnippets(event.detail.name);
  answer.isBusy = !sketch.isEmpty;
  reader.useModel(event.detail.name);
});

/** Loads the models again when a file was replaced, but not for each answer where replicas differ. */
function showModel(version) {
  if (version !== models.version && !answeredVersions.has(version)) {
    answeredVersions.add(version);
    loadModels();
  }
}

/** The models may have changed while the service was away. */
async function loadModels() {
  try {
    await models.load();
  } catch (error) {
    if (!(error instanceof NoAnswerError)) {
      throw error;
    }

    reader.reportOffline();
  }
}

save.addEventListener("click", async () => {
  const { blob } = await sketch.toPicture();
  saveAs(blob, PictureFileName);
});

onKeySubmitted(loadModels);
enableCopying(document.querySelectorAll(".copy"), sentence => answer.announce(sentence));
showSnippets("digits");
loadModels();
