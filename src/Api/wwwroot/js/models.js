// The models that the service has loaded: which one reads, how good it is, its card.

import { askForKey } from "./access.js";
import { ask, NoAnswerError } from "./service.js";

/** What a proxy answers while the service behind it is away, and the service while it starts or stops. */
const AwayStatuses = [502, 503, 504];

export class Models extends EventTarget {
  #switch = document.getElementById("models");
  #accuracy = document.getElementById("accuracy");
  #words = document.getElementById("accuracy-words");
  #card = document.getElementById("card");
  #chosen = null;
  #version = null;

  /** The version whose accuracy and card are shown; null before the first. */
  get version() {
    return this.#version;
  }

  /**
   * Fires "choose" { name }. If the service asks for a key, the page asks for it too.
   * @throws {NoAnswerError} The service is gone.
   */
  async load() {
    const { response, answer: list } = await ask("models");
    if (response.status === 401) {
      askForKey();
      return;
    }

    if (AwayStatuses.includes(response.status) || (response.ok && !list)) {
      throw new NoAnswerError(`GET /models answered ${response.status}.`);
    }

    if (!response.ok) {
      this.#words.textContent = list?.detail ?? `The service answered ${response.status} without saying why.`;
      return;
    }

    const chosen = list.models.find(model => model.name === this.#chosen)
      ?? list.models.find(model => model.name === list.default);
    for (const option of this.#switch.querySelectorAll("label")) {
      option.remove();
    }

    this.#switch.append(...list.models.map(model => this.#createOption(model, model === chosen)));
    this.#choose(chosen);
  }

  #createOption(model, checked) {
    const label = document.createElement("label");
    const input = label.appendChild(document.createElement("input"));
    Object.assign(input, { type: "radio", name: "model", value: model.name, checked });
    input.addEventListener("change", () => this.#choose(model));
    label.appendChild(document.createElement("span")).textContent = model.name;
    return label;
  }

  #choose(model) {
    this.#chosen = model.name;
    this.#version = model.version;
    const { test, parameterCount, preset } = model.card;
    this.#accuracy.textContent = share(test.accuracy);
    this.#words.textContent =
      `of ${count(test.images)} test images read correctly (95 % interval ${test.interval.map(share).join(" to ")}), `
      + `with ${count(parameterCount)} parameters trained by the preset “${preset}”.`;
    this.#card.replaceChildren(createFacts(model), createConfusion(test.confusion));
    this.dispatchEvent(new CustomEvent("choose", { detail: { name: model.name } }));
  }
}

const share = fraction => `${(100 * fraction).toFixed(2)} %`;
const count = number => number.toLocaleString("en");

function createFacts({ version, card }) {
  const facts = {
    "Version": version,
    "Test images read correctly": `${count(card.test.correct)} of ${count(card.test.images)}`,
    "Validation": card.validation && `${share(card.validation.accuracy)} of ${count(card.validation.images)}`,
    "Calibration error": share(card.test.calibrationError),
    "Mean −ln p(label)": `${card.test.negativeLogLikelihood.toFixed(4)} nats`,
    "Temperature": card.temperature.toFixed(3),
    "isDigit threshold": `${card.isDigitThreshold.toFixed(2)} nats of evidence`,
    "TorchSharp − ONNX Runtime": `${card.parity.toExponential(1)} at most`,
    "Seed": card.seed,
    "Commit": card.commit,
    "Trained": card.run && `${card.run.finishedAt.slice(0, 10)} in ${Math.round(card.run.seconds)} s`,
    "Machine": card.run?.machine,
    "Libraries": card.run?.libraries,
    "SHA-256": card.modelSha256,
    ...card.hyperParameters,
  };
  const list = document.createElement("dl");
  for (const [name, value] of Object.entries(facts)) {
    if (value !== undefined && value !== null) {
      const fact = list.appendChild(document.createElement("div"));
      fact.className = "fact";
      fact.appendChild(document.createElement("dt")).textContent = name;
      fact.appendChild(document.createElement("dd")).textContent = value;
    }
  }

  return list;
}

/** @param {number[][]} confusion [10, 10]: row = label, column = digit read, in images. */
function createConfusion(confusion) {
  const table = document.createElement("table");
  table.createCaption().textContent = "Test images by what they are (rows) and what was read (columns)";
  const heads = table.createTHead().insertRow();
  heads.append(createHead("", "col"), ...confusion.map((_, digit) => createHead(digit, "col")));
  const most = Math.max(1, ...confusion.flatMap((row, label) => row.filter((_, digit) => digit !== label)));
  const body = table.createTBody();
  confusion.forEach((row, label) => {
    const line = body.insertRow();
    line.append(createHead(label, "row"));
    row.forEach((images, digit) => {
      const cell = line.insertCell();
      cell.textContent = images;
      if (digit === label) {
        cell.className = "right";
      } else if (images > 0) {
        cell.className = "wrong";
        cell.style.setProperty("--weight", images / most);
      }
    });
  });
  return table;
}

function createHead(text, scope) {
  const head = document.createElement(text === "" ? "td" : "th");
  head.textContent = text;
  if (text !== "") {
    head.scope = scope;
  }

  return head;
}
