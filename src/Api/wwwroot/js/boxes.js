// The boxes of several digits, over the paper.

export class Boxes {
  #layer = document.getElementById("boxes");

  /**
   * @param digits the service's answer, or null.
   * @param {{ left: number, top: number, scale: number } | null} place of the picture on the paper, whose side is 1.
   */
  show(digits, place) {
    this.#layer.replaceChildren(...digits && place ? digits.digits.map(digit => createBox(digit, place)) : []);
  }
}

function createBox({ digit, isDigit, box }, { left, top, scale }) {
  const element = document.createElement("span");
  element.textContent = isDigit ? digit : "?";
  element.toggleAttribute("data-other", !isDigit);
  element.style.left = percentage(left + (box.x * scale));
  element.style.top = percentage(top + (box.y * scale));
  element.style.width = percentage(box.width * scale);
  element.style.height = percentage(box.height * scale);
  return element;
}

function percentage(share) {
  return `${100 * share}%`;
}
