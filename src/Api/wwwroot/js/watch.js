// "Watch it read": the picture that the network saw, a line that moves down its rows, and what it believed there.
import { mostProbable, percent } from "./answer.js";
import { Curves, kindsOf } from "./curves.js";

const Rows = 28;

/** All 28 rows in three seconds: slow enough to see a belief turn over. */
const RowMs = 3_000 / Rows;

const EmptyWords = "what it believes after each of the 28 rows, if the rest were blank";

export class Watch {
  #answer;
  #curves = new Curves(document.getElementById("curves"));
  #section = document.getElementById("watch");
  #words = document.getElementById("watch-words");
  #play = document.getElementById("play");
  #playWords = document.getElementById("play-words");
  #slider = document.getElementById("row");
  #retina = document.getElementById("retina");
  #seen = document.getElementById("seen");
  #prediction = null;
  #digits = null;
  #kinds = null;
  #serviceMs = null;
  #frame = null;

  constructor(answer) {
    this.#answer = answer;
    this.#slider.addEventListener("input", () => this.#scrubTo(this.#slider.valueAsNumber));
    this.#curves.addEventListener("scrub", event => this.#scrubTo(event.detail.row));
    this.#retina.addEventListener("pointerdown", event => this.#point(event));
    this.#retina.addEventListener("pointermove", event => this.#point(event));
    this.#play.addEventListener("click", () => this.#isPlaying ? this.#pause() : this.#start());
    this.showNothing();
  }

  /**
   * @param prediction with its rows and input; all of it read.
   * @param digits all digits if there are several, or null.
   * @param {number | null} serviceMs how long it took the service, if it said so.
   */
  show(prediction, digits, serviceMs) {
    this.#pause();
    this.#prediction = prediction;
    this.#digits = digits;
    this.#kinds = kindsOf(prediction.rows, prediction.digit);
    this.#serviceMs = serviceMs;
    this.#seen.src = prediction.input;
    this.#seen.alt = "The 28 by 28 pixels that the network reads: your picture, cut out and centered, white on black.";
    this.#curves.show({ rows: prediction.rows, kinds: this.#kinds });
    this.#setEnabled(true);
    this.#moveTo(Rows);
  }

  showNothing() {
    this.#pause();
    this.#prediction = null;
    this.#seen.removeAttribute("src");
    this.#seen.alt = "";
    this.#curves.show(null);
    this.#setEnabled(false);
    this.#slider.value = Rows;
    this.#slider.removeAttribute("aria-valuetext");
    this.#words.textContent = EmptyWords;
  }

  get #isPlaying() {
    return this.#frame !== null;
  }

  #setEnabled(enabled) {
    this.#section.toggleAttribute("data-empty", !enabled);
    this.#retina.toggleAttribute("data-empty", !enabled);
    this.#seen.hidden = !enabled;
    this.#play.disabled = this.#slider.disabled = !enabled;
  }

  #start() {
    const first = this.#slider.valueAsNumber === Rows ? 1 : this.#slider.valueAsNumber;
    let startedAt = null;
    const step = now => {
      startedAt ??= now;
      const row = Math.min(Rows, first + Math.floor((now - startedAt) / RowMs));
      this.#moveTo(row);
      if (row === Rows) {
        this.#pause();
      } else {
        this.#frame = requestAnimationFrame(step);
      }
    };
    this.#frame = requestAnimationFrame(step);
    this.#play.dataset.playing = "";
    this.#playWords.textContent = "Pause";
  }

  #pause() {
    cancelAnimationFrame(this.#frame);
    this.#frame = null;
    delete this.#play.dataset.playing;
    this.#playWords.textContent = "Watch it read";
  }

  /** A row pointed at in the picture. A finger that moves there scrolls the page instead. */
  #point(event) {
    if (this.#prediction && event.buttons === 1 && event.pointerType !== "touch") {
      event.preventDefault();
      this.#retina.setPointerCapture(event.pointerId);
      const { top, height } = this.#retina.getBoundingClientRect();
      this.#scrubTo(Math.min(Rows, Math.max(1, Math.ceil((event.clientY - top) / height * Rows))));
    }
  }

  #scrubTo(row) {
    this.#pause();
    this.#moveTo(row);
  }

  #moveTo(row) {
    const now = this.#prediction.rows[row - 1];
    const digit = mostProbable(now);
    const belief = `${digit}, ${percent(now[digit])} sure`;
    this.#slider.value = row;
    this.#slider.setAttribute("aria-valuetext", `row ${row} of ${Rows}: ${belief}`);
    this.#words.textContent = `after row ${row} of ${Rows}: ${belief}`;
    this.#retina.style.setProperty("--read", row / Rows);
    this.#retina.toggleAttribute("data-complete", row === Rows);
    this.#curves.moveTo(row);
    if (row === Rows) {
      this.#answer.showPrediction(this.#prediction, this.#digits, this.#kinds, this.#serviceMs);
    } else {
      this.#answer.showMoment(now, this.#kinds, row);
    }
  }
}
