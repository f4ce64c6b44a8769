// Ten curves over the 28 rows: the probability of each digit after each row.

const Namespace = "http://www.w3.org/2000/svg";
const Rows = 28;

/** Around the plot, in pixels. The range input below it keeps to the same edges, see page.css. */
const Margin = { top: 24, right: 30, bottom: 24, left: 52 };

/** A digit is named on its curve where it was ever believed this much. */
const NamedFrom = 0.2;

/** Names of curves keep this far apart, in pixels. */
const NameHeight = 16;

/** The name of a peak stands this far above it, in pixels. */
const PeakGap = 8;

/** A peak begins where a curve comes this close to its highest point: plateaus are named at their start. */
const PeakTolerance = 0.01;

const Kinds = ["winner", "rival", "other"];

/**
 * The role of each digit: the winner, its strongest rival or one of the others.
 * @param {number[][]} rows [28, 10]
 */
export function kindsOf(rows, winner) {
  const rival = findRival(rows, winner);
  return rows[0].map((_, digit) => Kinds[digit === winner ? 0 : digit === rival ? 1 : 2]);
}

/** Fires "scrub" { row } when a person points at a row. */
export class Curves extends EventTarget {
  #svg = create("svg", { "aria-hidden": "true" });
  #explanation = null;
  #row = Rows;
  #width = 0;
  #height = 0;
  #read = null;
  #playhead = null;
  #dots = [];
  #names = [];
  #peaks = [];

  constructor(container) {
    super();
    container.append(this.#svg);
    new ResizeObserver(() => this.#draw()).observe(container);
    this.#svg.addEventListener("pointerdown", event => {
      this.#svg.setPointerCapture(event.pointerId);
      this.#point(event);
    });
    this.#svg.addEventListener("pointermove", event => {
      if (this.#svg.hasPointerCapture(event.pointerId)) {
        this.#point(event);
      }
    });
  }

  /** @param {{ rows: number[][], kinds: string[] } | null} explanation rows is [28, 10], kinds [10]; null for an empty plot. */
  show(explanation) {
    this.#explanation = explanation;
    this.#draw();
  }

  moveTo(row) {
    this.#row = row;
    this.#placeRow();
  }

  #x(row) {
    return Margin.left + ((row - 1) / (Rows - 1) * (this.#width - Margin.left - Margin.right));
  }

  #y(probability) {
    return Margin.top + ((1 - probability) * (this.#height - Margin.top - Margin.bottom));
  }

  #point(event) {
    if (!this.#explanation) {
      return;
    }

    const left = this.#svg.getBoundingClientRect().left;
    const rowWidth = this.#x(2) - this.#x(1);
    const row = Math.round((event.clientX - left - Margin.left) / rowWidth) + 1;
    this.dispatchEvent(new CustomEvent("scrub", { detail: { row: Math.min(Rows, Math.max(1, row)) } }));
  }

  #draw() {
    const { width, height } = this.#svg.parentElement.getBoundingClientRect();
    if (width === 0) {
      return;
    }

    [this.#width, this.#height] = [width, height];
    setAttributes(this.#svg, { viewBox: `0 0 ${width} ${height}`, width, height });
    this.#svg.replaceChildren(this.#createAxes());
    this.#read = this.#playhead = null;
    if (this.#explanation) {
      this.#svg.append(...this.#createCurves());
      this.#placeRow();
    }
  }

  #createAxes() {
    const axes = create("g", { class: "axes" });
    const right = this.#width - Margin.right;
    for (const probability of [0, 0.5, 1]) {
      const y = this.#y(probability);
      axes.append(create("path", { d: `M${Margin.left} ${y}H${right}` }));
      axes.append(create("text", { x: 0, y: y + 4 }, `${100 * probability} %`));
    }

    for (const row of [1, 7, 14, 21, 28]) {
      const words = row === 1 ? "row 1" : row;
      axes.append(create("text", { x: this.#x(row), y: this.#height - 4, "text-anchor": "middle" }, words));
    }

    return axes;
  }

  #createCurves() {
    const { rows, kinds } = this.#explanation;
    // The winner last: it lies on top.
    const digits = [...kinds.keys()].sort((a, b) => Kinds.indexOf(kinds[b]) - Kinds.indexOf(kinds[a]));
    const peaks = peaksOf(rows);
    const paths = digits.map(digit => ({
      class: `curve ${kinds[digit]}`,
      d: smoothPath(rows.map((row, t) => [this.#x(t + 1), this.#y(row[digit])])),
    }));

    this.#read = create("rect", { x: 0, y: 0, height: this.#height });
    const clip = create("clipPath", { id: "read-so-far" });
    clip.append(this.#read);
    const ahead = create("g", { class: "ahead" });
    ahead.append(...paths.map(path => create("path", path)));
    const behind = create("g", { "clip-path": "url(#read-so-far)" });
    behind.append(...paths.map(path => create("path", path)));
    this.#playhead = create("path", { class: "playhead", d: `M0 ${Margin.top - 8}V${this.#height - Margin.bottom + 6}` });
    this.#dots = digits.map(digit => ({ digit, circle: create("circle", { class: `dot ${kinds[digit]}`, r: 4 }) }));
    this.#names = digits
      .filter(digit => peaks[digit] >= NamedFrom)
      .map(digit => ({ digit, text: create("text", { class: `name ${kinds[digit]}` }, digit) }));
    this.#peaks = this.#createPeaks([...digits].reverse(), peaks);
    return [
      clip, ahead, behind, this.#playhead, ...this.#dots.map(dot => dot.circle),
      ...this.#peaks.map(peak => peak.text), ...this.#names.map(name => name.text),
    ];
  }

  /** Names above the highest points of the curves, the more important first: one that would cover another is left out. */
  #createPeaks(digits, peaks) {
    const { rows, kinds } = this.#explanation;
    const placed = [];
    for (const digit of digits.filter(digit => peaks[digit] >= NamedFrom)) {
      const row = rows.findIndex(each => each[digit] >= peaks[digit] - PeakTolerance) + 1;
      const place = { x: this.#x(row), y: this.#y(peaks[digit]) - PeakGap };
      if (placed.every(other => isApart(place, other))) {
        const text = create("text", { ...place, class: `name peak ${kinds[digit]}` }, digit);
        placed.push({ ...place, row, text });
      }
    }

    return placed;
  }

  #placeRow() {
    if (!this.#read) {
      return;
    }

    const x = this.#x(this.#row);
    const now = this.#explanation.rows[this.#row - 1];
    this.#read.setAttribute("width", x + 2);
    this.#playhead.setAttribute("transform", `translate(${x} 0)`);
    for (const { digit, circle } of this.#dots) {
      setAttributes(circle, { cx: x, cy: this.#y(now[digit]) });
    }

    const byHeight = [...this.#names].sort((a, b) => now[b.digit] - now[a.digit]);
    let lowest = -Infinity;
    const shown = [];
    for (const { digit, text } of byHeight) {
      lowest = Math.max(lowest + NameHeight, this.#y(now[digit]) + 5);
      const isShown = now[digit] >= 0.02;
      setAttributes(text, { x: x + 10, y: lowest, opacity: isShown ? 1 : 0 });
      if (isShown) {
        shown.push({ x: x + 14, y: lowest });
      }
    }

    for (const peak of this.#peaks) {
      const isShown = peak.row <= this.#row && shown.every(name => isApart(peak, name));
      peak.text.setAttribute("opacity", isShown ? 1 : 0);
    }
  }
}

const isApart = (one, other) => Math.abs(one.x - other.x) >= NameHeight || Math.abs(one.y - other.y) >= NameHeight;

const peaksOf = rows => rows[0].map((_, digit) => Math.max(...rows.map(row => row[digit])));

/** The digit besides the answer that was believed most once there was something to see: above it all rows are alike. */
function findRival(rows, winner) {
  const informed = rows.filter(row => row.some((probability, digit) => Math.abs(probability - rows[0][digit]) > 1e-4));
  const peaks = peaksOf(informed.length > 0 ? informed : rows);
  peaks[winner] = -1;
  return peaks.indexOf(Math.max(...peaks));
}

/**
 * A curve through all points that rises and falls only where they do: cubic Hermite with limited tangents, from
 * F. N. Fritsch and R. E. Carlson, "Monotone Piecewise Cubic Interpolation", 1980.
 */
function smoothPath(points) {
  const slopes = points.slice(1).map(([x, y], i) => (y - points[i][1]) / (x - points[i][0]));
  const tangents = points.map((_, i) => {
    const before = slopes[i - 1] ?? slopes[i];
    const after = slopes[i] ?? before;
    return before * after <= 0 ? 0 : 2 * before * after / (before + after);
  });
  return points.slice(1).reduce((path, [x, y], i) => {
    const [fromX, fromY] = points[i];
    const third = (x - fromX) / 3;
    const controls = [fromX + third, fromY + (tangents[i] * third), x - third, y - (tangents[i + 1] * third), x, y];
    return `${path}C${controls.map(value => value.toFixed(1)).join(" ")}`;
  }, `M${points[0].map(value => value.toFixed(1)).join(" ")}`);
}

function create(name, attributes, text) {
  const element = document.createElementNS(Namespace, name);
  setAttributes(element, attributes);
  if (text !== undefined) {
    element.textContent = text;
  }

  return element;
}

function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
}
