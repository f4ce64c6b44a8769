// All requests to the service. Only this file decides that the service does not answer.

import { withKey } from "./access.js";

/** The service counts as gone when it has not answered after this time. */
const TimeoutMs = 15_000;

/** A large photo gets more time, enough for an uplink of 240 kbit/s. */
const UploadBytesPerMs = 30;

/** The service cannot be reached or takes too long. */
export class NoAnswerError extends Error {}

/**
 * Sends a request and reads the whole answer as JSON.
 * @param {string} path relative to the page.
 * @param {RequestInit & { controller?: AbortController }} options controller cancels the request.
 * @returns {Promise<{ response: Response, answer: any }>} answer is null if it is not JSON.
 * @throws {NoAnswerError} Any other error is a fault of the page or the browser.
 */
export async function ask(path, { controller = new AbortController(), headers, ...options } = {}) {
  const request = new Request(path, { ...options, headers: withKey(headers), signal: controller.signal });
  const timeoutMs = TimeoutMs + ((options.body?.size ?? 0) / UploadBytesPerMs);
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  try {
    const response = await fetch(request).catch(rethrow);
    const text = await response.text().catch(rethrow);
    return { response, answer: parse(text) };
  } finally {
    clearTimeout(timer);
  }
}

/** A promise of fetch rejects with a TypeError when the network fails, and with an AbortError when it is canceled. */
function rethrow(error) {
  throw error instanceof TypeError || error.name === "AbortError" ? new NoAnswerError(error.message) : error;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) {
      return null;
    }

    throw error;
  }
}
