// Asks the service to read the drawing, as fast as a pen moves, and drops answers that arrive out of order.

import { askForKey } from "./access.js";
import { ask, NoAnswerError } from "./service.js";

/** Between two questions about a growing drawing: about one screen frame, which nobody notices. */
const IntervalMs = 16;

/** Questions in flight at once: while the service answers one, the next is on its way. */
const MaxInFlight = 2;

/** Polling interval while the service is offline. */
const ReturnCheckMs = 1_000;

/** A question that takes longer is mentioned. Most are answered within some milliseconds. */
const MentionMs = 1_000;

const StillWaiting = "Still waiting for the service …";

const Offline = "The service does not answer. Your drawing stays here, and is read as soon as the service is back.";

const NotSent = "The browser could not send the picture, although the service answers. Draw on to try again, or reload the page.";

const NotOurs = "Something other than the service answered. Is a login page of the network in the way?";

/**
 * Fires "answer" { prediction, digits, place, serviceMs, isLatest }, "problem" { sentence }, "offline" { sentence } and "online",
 * and "wait" { sentence }, whose sentence is empty when the wait is over.
 * Digits are null unless there are several; place is that of the picture.
 * An answer counts only if no later question was answered before it.
 */
export class Reader extends EventTarget {
  #model = null;
  /** Makes the picture to ask about next; null if there is nothing new to ask. */
  #next = null;
  #latest = null;
  #asked = 0;
  #answered = 0;
  #inFlight = new Map();
  /** On the clock of performance.now(). */
  #notBefore = -Infinity;
  #timer = null;
  #isOffline = false;
  #isWaiting = false;
  /** The health check says that the service is back, but it has not answered a question yet. */
  #isReturnUnconfirmed = false;

  get isOffline() {
    return this.#isOffline;
  }

  /** A question has been waiting for an answer so long that the page says so. */
  get isWaiting() {
    return this.#isWaiting;
  }

  /** @param {() => Promise<{ blob: Blob, place: object | null }>} picture the growing drawing; questions about its earlier states may still be answered. */
  read(picture) {
    this.#next = this.#latest = picture;
    this.#isReturnUnconfirmed = false;
    this.#schedule();
  }

  forget() {
    for (const controller of this.#inFlight.values()) {
      controller.abort();
    }

    this.#inFlight.clear();
    this.#endWait();
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

  /** Reports that the service did not answer, and polls it until it does. */
  reportOffline() {
    if (this.#isOffline) {
      return;
    }

    this.#isOffline = true;
    this.#isWaiting = false;
    this.#fire("offline", { sentence: Offline });
    setTimeout(() => this.#awaitReturn(), ReturnCheckMs);
  }

  #schedule() {
    if (!this.#next || this.#isOffline || this.#timer !== null || this.#inFlight.size >= MaxInFlight) {
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
    this.#inFlight.set(number, controller);
    this.#notBefore = performance.now() + IntervalMs;
    const mention = setTimeout(() => this.#startWait(number), MentionMs);
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
        this.#endWait();
        throw error;
      }

      if (number > this.#answered) {
        this.#handleNoAnswer();
      }
    } finally {
      clearTimeout(mention);
      this.#inFlight.delete(number);
      this.#schedule();
    }
  }

  #startWait(number) {
    if (this.#inFlight.has(number) && !this.#isOffline) {
      this.#isWaiting = true;
      this.#fire("wait", { sentence: StillWaiting });
    }
  }

  #endWait() {
    if (this.#isWaiting) {
      this.#isWaiting = false;
      this.#fire("wait", { sentence: "" });
    }
  }

  /** Asks again once the service is back, but not in a loop if only this question gets no answer. */
  #handleNoAnswer() {
    this.#endWait();
    if (this.#isReturnUnconfirmed) {
      this.#fire("problem", { sentence: NotSent });
    } else {
      this.#next ??= this.#latest;
      this.reportOffline();
    }
  }

  /** Asks whether a picture that does not look like one digit shows several; null if not. */
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
    this.#isReturnUnconfirmed = false;
    this.#endWait();
    for (const [other, controller] of this.#inFlight) {
      if (other < number) {
        controller.abort();
      } else if (other > number) {
        setTimeout(() => this.#startWait(other), MentionMs);
      }
    }

    if (response.ok && answer) {
      const serviceMs = sumOfSteps(response.headers.get("Server-Timing"));
      this.#fire("answer", { prediction: answer, ...several, serviceMs, isLatest: number === this.#asked && !this.#next });
      return;
    }

    if (response.status === 401) {
      askForKey();
    }

    const unexplained = response.ok ? NotOurs : `The service answered ${response.status} without saying why.`;
    this.#fire("problem", { sentence: answer?.detail ?? unexplained });
    const retryAfterSeconds = Number(response.headers.get("Retry-After"));
    if (retryAfterSeconds > 0) {
      this.#next ??= this.#latest;
      this.#notBefore = performance.now() + (retryAfterSeconds * 1000);
    }
  }

  async #awaitReturn() {
    if (!await this.#isReady()) {
      setTimeout(() => this.#awaitReturn(), ReturnCheckMs);
      return;
    }

    this.#isOffline = false;
    this.#isReturnUnconfirmed = true;
    this.#fire("online", {});
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

  #fire(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** "decode;dur=0.12, infer;dur=0.5" → 0.62; null where nothing was measured. */
function sumOfSteps(serverTiming) {
  const durations = [...(serverTiming ?? "").matchAll(/dur=([\d.]+)/g)].map(([, duration]) => Number(duration));
  return durations.length > 0 ? durations.reduce((sum, duration) => sum + duration) : null;
}
