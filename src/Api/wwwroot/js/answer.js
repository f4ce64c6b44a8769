// The answer in words and as ten bars.

/** Screen readers announce the answer when the pen has rested this long. */
const AnnouncementDelayMs = 700;

/** 0.9876 → "98.8 %"; what would round to certainty or to nothing says so. */
export function percent(probability) {
  if (probability >= 0.9995) {
    return ">99.9 %";
  }

  return probability > 0 && probability < 0.0005 ? "<0.1 %" : `${(100 * probability).toFixed(1)} %`;
}

export function mostProbable(probabilities) {
  return probabilities.indexOf(Math.max(...probabilities));
}

export class Answer {
  #section = document.getElementById("answer");
  #digit = document.getElementById("digit");
  #words = document.getElementById("words");
  #moment = document.getElementById("moment");
  #announcement = document.getElementById("announcement");
  #announcementTimer = null;
  #bars;

  constructor() {
    this.#bars = Array.from({ length: 10 }, (_, digit) => createBar(digit));
    document.getElementById("bars").append(...this.#bars.map(bar => bar.item));
    this.showNothing();
  }

  /** A newer picture waits for its answer. */
  set isBusy(busy) {
    this.#section.setAttribute("aria-busy", busy);
  }

  showNothing() {
    this.#show("empty", "–", "The answer follows your pen.", "Ten probabilities, 100 % in all.");
    this.#showBars(new Array(10).fill(0));
    this.announce("");
  }

  showProblem(sentence) {
    this.#show("problem", "!", sentence, "");
    this.#showBars(new Array(10).fill(0));
    this.announce(sentence);
  }

  /**
   * The service's answer: everything that was read.
   * @param digits all digits if there are several, or null.
   * @param {string[]} kinds [10], as the curves color them.
   * @param {number | null} serviceMs how long it took the service, if it said so.
   */
  showPrediction({ digit, probability, probabilities, isDigit }, digits, kinds, serviceMs) {
    const sure = percent(probability);
    if (digits) {
      const text = digits.text.replace(/\n/g, " ");
      this.#show("digits", text, `${digits.digits.length} digits`, `As one digit, the nearest is ${digit}.`);
      this.announce(`It reads ${digits.digits.length} digits: ${text}.`);
    } else if (isDigit) {
      const moment = serviceMs === null ? "After all 28 rows." : `All 28 rows read in ${serviceMs.toFixed(1)}\u00a0ms.`;
      this.#show("digit", digit, `${sure} sure`, moment);
      this.announce(`It reads ${digit}, ${sure} sure.`);
    } else {
      this.#show("other", digit, "This doesn’t look like one digit.", `The nearest is ${digit}, at ${sure}.`);
      this.announce(`This doesn’t look like one digit. The nearest is ${digit}, at ${sure}.`);
    }

    this.#showBars(probabilities, kinds);
  }

  /** What the network believed on its way. */
  showMoment(probabilities, kinds, row) {
    const digit = mostProbable(probabilities);
    this.#show("moment", digit, `${percent(probabilities[digit])} sure`, `After row ${row} of 28.`);
    this.#showBars(probabilities, kinds);
  }

  /** Says a sentence to a reader of screens, unless another one follows at once. */
  announce(sentence) {
    clearTimeout(this.#announcementTimer);
    this.#announcementTimer = setTimeout(() => { this.#announcement.textContent = sentence; }, AnnouncementDelayMs);
  }

  #show(state, digit, words, moment) {
    this.#section.dataset.state = state;
    this.#digit.textContent = digit;
    this.#words.textContent = words;
    this.#moment.textContent = moment;
  }

  #showBars(probabilities, kinds = []) {
    const first = mostProbable(probabilities);
    this.#digit.dataset.kind = kinds[first] ?? "other";
    probabilities.forEach((probability, digit) => {
      const { item, fill, value } = this.#bars[digit];
      item.toggleAttribute("data-first", digit === first && probability > 0);
      item.dataset.kind = kinds[digit] ?? "other";
      fill.style.transform = `scaleX(${probability})`;
      value.textContent = percent(probability);
    });
  }
}

function createBar(digit) {
  const item = document.createElement("li");
  const label = item.appendChild(document.createElement("span"));
  label.className = "bar-digit";
  label.textContent = digit;
  const track = item.appendChild(document.createElement("span"));
  track.className = "bar-track";
  const fill = track.appendChild(document.createElement("span"));
  fill.className = "bar-fill";
  const value = item.appendChild(document.createElement("span"));
  value.className = "bar-value";
  return { item, fill, value };
}
