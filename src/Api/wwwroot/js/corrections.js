// "That's wrong": a person says which digit it is, and downloads the corrected pictures for the trainer.
import { toZip } from "./archive.js";
import { CorrectionStore, StorageError } from "./correction-store.js";
import { saveAs } from "./save.js";

const Extensions = { "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif", "image/bmp": "bmp" };

export class Corrections {
  #toPicture;
  #announce;
  #store = new CorrectionStore();
  #wrong = document.getElementById("wrong");
  #choice = document.getElementById("right-digit");
  #summary = document.getElementById("kept");
  #words = document.getElementById("kept-words");
  #downloadButton = document.getElementById("download-kept");
  /** The picture on the paper: the id under which it is kept, if it is. */
  #paper = { id: null };
  /** One change of the store after the other. */
  #saving = Promise.resolve();

  /**
   * @param {() => Promise<{ blob: Blob }>} toPicture makes the picture that is on the paper.
   * @param {(sentence: string) => void} announce tells those who cannot see the page.
   */
  constructor(toPicture, announce) {
    this.#toPicture = toPicture;
    this.#announce = announce;
    this.#choice.append(...Array.from({ length: 10 }, (_, digit) => this.#createButton(digit)));
    this.#wrong.addEventListener("click", () => this.#open(this.#choice.hidden));
    this.#choice.addEventListener("keydown", event => this.#press(event));
    this.#downloadButton.addEventListener("click", () => this.#download());
    document.getElementById("forget-kept").addEventListener("click", () => this.#forget());
    this.#show("");
  }

  /** The picture on the paper has changed. */
  change() {
    this.#paper = { id: null };
    this.#open(false);
  }

  /** @param {boolean} offered whether there is an answer that could be wrong. */
  offer(offered) {
    this.#wrong.disabled = !offered;
    if (!offered) {
      this.#open(false);
    }
  }

  #open(open) {
    this.#choice.hidden = !open;
    this.#wrong.setAttribute("aria-expanded", open);
    if (open) {
      this.#choice.querySelector("button").focus();
    }
  }

  #press(event) {
    if (event.key === "Escape") {
      this.#open(false);
      this.#wrong.focus();
    } else if (/^[0-9]$/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      this.#keep(Number(event.key));
    }
  }

  #keep(digit) {
    this.#open(false);
    this.#wrong.focus();
    const paper = this.#paper;
    const picture = this.#toPicture();
    const save = () => this.#save(paper, picture, digit);
    this.#saving = this.#saving.then(save, save);
  }

  /** The paper may show another picture before this ends. */
  async #save(paper, picture, digit) {
    const { blob } = await picture;
    try {
      paper.id = await this.#store.put({ id: paper.id, digit, type: blob.type, bytes: await blob.arrayBuffer() });
      this.#show(`Kept as a ${digit}. `);
    } catch (error) {
      if (!(error instanceof StorageError)) {
        throw error;
      }

      this.#show(`${error.message} `);
    }
  }

  async #download() {
    const pictures = await this.#store.all();
    const files = pictures.map(({ id, digit, type, bytes }) => (
      { name: `${String(id).padStart(4, "0")}-${digit}.${Extensions[type] ?? "picture"}`, digit, bytes: new Uint8Array(bytes) }
    ));
    const labels = `file,label\r\n${files.map(({ name, digit }) => `${name},${digit}\r\n`).join("")}`;
    const archive = toZip([{ name: "labels.csv", bytes: new TextEncoder().encode(labels) }, ...files]);
    saveAs(archive, this.#downloadButton.dataset.file);
  }

  async #forget() {
    this.#paper = { id: null };
    const clear = () => this.#store.clear();
    this.#saving = this.#saving.then(clear, clear);
    await this.#saving;
    await this.#show("");
    this.#announce("The corrected pictures are forgotten.");
  }

  /** @param {string} news said first. */
  async #show(news) {
    const count = (await this.#store.all()).length;
    this.#summary.hidden = count === 0 && news === "";
    this.#words.textContent = `${news}${count === 1 ? "1 corrected picture is" : `${count} corrected pictures are`} in this browser.`;
    if (news) {
      this.#announce(this.#words.textContent);
    }
  }

  #createButton(digit) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = digit;
    button.setAttribute("aria-label", `It is a ${digit}`);
    button.addEventListener("click", () => this.#keep(digit));
    return button;
  }
}
