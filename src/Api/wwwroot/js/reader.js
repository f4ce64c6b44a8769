// Asks the service what it reads, as fast as a pen moves, and never shows an answer that came late.

import { askForKey } from "./access.js";
import { ask, NoAnswerError } from "./service.js";

/** Between two questions about a drawing that grows: about one screen frame, so that no wait is felt. */
const PaceMs = 16;

/** Questions under way at once: while one is answered, the next is already on its way. */
const MaxUnderWay = 2;

/** Between two looks whether the service is back. */
const ReturnCheckMs = 1_000;

const Gone = "The service does not answer. Your drawing stays here, and is read as soon as the service is back.";

const NotSent = "The browser could not send the picture, although the service answers. Draw on to try again, or reload the page.";

const NotOurs = "Something other than the service answered. Is a login page of the network in the way?";

/**
 * Fires "answer" { prediction, digits, place, serviceMs, isLatest }, "problem" { sentence }, "gone" { sentence } and "back".
 * Digits are null unless there are several; place is that of the picture.
 * An answer counts only if no later question was answered before it.
 */
export class Reader extends EventTarget {
  #model = null;
  /** Makes the picture to ask about next; null if the last one was asked about. */
  #next = null;
  #latest = null;
  #asked = 0;
  #answered = 0;
  #underWay = new Map();
  /** On the clock of performance.now(). */
  #notBefore = -Infinity;
  #timer = null;
  #isGone = false;
  /** The service is said to be back, and has not answered a question since. */
  #isBackUnproven = false;

  get isGone() {
    return this.#isGone;
  }

  /** @param {() => Promise<{ blob: Blob, place: object | null }>} picture a drawing that grows; questions about what it was before may still be answered. */
  read(picture) {
    this.#next = this.#latest = picture;
    this.#isBackUnproven = false;
    this.#schedule();
  }

  forget() {
    for (const controller of this.#underWay.values()) {
      controller.abort();
    }

    this.#underWay.clear();
    this.#answered = this.#asked;
    this.#next = this.#latest = null;
  }

  useModel(name) {
    this.#model = name;
    const picture = this.#latest;
    this.forget();
    this.#next = this.#latest = picture;
    this.#schedule();
  }

  /** Says that the service did not answer, and looks for it until it does. */
  reportGone() {
    if (this.#isGone) {
      return;
    }

    this.#isGone = true;
    this.#tell("gone", { sentence: Gone });
    setTimeout(() => this.#lookForReturn(), ReturnCheckMs);
  }

  #schedule() {
    if (!this.#next || this.#isGone || this.#timer !== null || this.#underWay.size >= MaxUnderWay) {
      return;
    }

    const delayMs = this.#notBefore - performance.now();
    if (delayMs <= 0) {
      this.#ask();
    } else {
      this.#timer = setTimeout(() => {
        this.#timer = null;
        this.#schedule();
      }, delayMs);
    }
  }

  async #ask() {
    const number = ++this.#asked;
    const controller = new AbortController();
    const picture = this.#next;
    this.#next = null;
    this.#underWay.set(number, controller);
    this.#notBefore = performance.now() + PaceMs;
    try {
      const { blob, place } = await picture();
      const question = {
        method: "POST",
        headers: { "Content-Type": "application/octet-stream" },
        body: blob,
        controller,
      };
      const { response, answer } = await ask(this.#address("predict", { explain: "true" }), question);
      const digits = response.ok && answer?.isDigit === false ? await this.#askForDigits(question) : null;
      if (number > this.#answered) {
        this.#settle(number, response, answer, { digits, place });
      }
    } catch (error) {
      if (!(error instanceof NoAnswerError)) {
        throw error;
      }

      if (number > this.#answered) {
        this.#bearNoAnswer();
      }
    } finally {
      this.#underWay.delete(number);
      this.#schedule();
    }
  }

  /** Asks again once the service is back, but not in a loop where only this question gets no answer. */
  #bearNoAnswer() {
    if (this.#isBackUnproven) {
      this.#tell("problem", { sentence: NotSent });
    } else {
      this.#next ??= this.#latest;
      this.reportGone();
    }
  }

  /** What does not look like one digit may be several; null if it is not. */
  async #askForDigits(question) {
    const { response, answer } = await ask(this.#address("predict/digits"), question);
    return response.ok && answer?.digits.length > 1 && answer.digits.every(digit => digit.isDigit) ? answer : null;
  }

  #address(path, parameters = {}) {
    const query = new URLSearchParams(parameters);
    if (this.#model) {
      query.set("model", this.#model);
    }

    return `${path}?${query}`;
  }

  #settle(number, response, answer, several) {
    this.#answered = number;
    this.#isBackUnproven = false;
    for (const [earlier, controller] of this.#underWay) {
      if (earlier < number) {
        controller.abort();
      }
    }

    if (response.ok && answer) {
      const serviceMs = sumOfSteps(response.headers.get("Server-Timing"));
      this.#tell("answer", { prediction: answer, ...several, serviceMs, isLatest: number === this.#asked && !this.#next });
      return;
    }

    if (response.status === 401) {
      askForKey();
    }

    const unexplained = response.ok ? NotOurs : `The service answered ${response.status} without saying why.`;
    this.#tell("problem", { sentence: answer?.detail ?? unexplained });
    const retryAfterSeconds = Number(response.headers.get("Retry-After"));
    if (retryAfterSeconds > 0) {
      this.#next ??= this.#latest;
      this.#notBefore = performance.now() + (retryAfterSeconds * 1000);
    }
  }

  async #lookForReturn() {
    if (!await this.#isReady()) {
      setTimeout(() => this.#lookForReturn(), ReturnCheckMs);
      return;
    }

    this.#isGone = false;
    this.#isBackUnproven = true;
    this.#tell("back", {});
    this.#schedule();
  }

  async #isReady() {
    try {
      const { answer } = await ask("health/ready");
      return answer?.status === "ready";
    } catch (error) {
      if (error instanceof NoAnswerError) {
        return false;
      }

      throw error;
    }
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** "decode;dur=0.12, infer;dur=0.5" → 0.62; null where nothing was measured. */
function sumOfSteps(serverTiming) {
  const durations = [...(serverTiming ?? "").matchAll(/dur=([\d.]+)/g)].map(([, duration]) => Number(duration));
  return durations.length > 0 ? durations.reduce((sum, duration) => sum + duration) : null;
}
