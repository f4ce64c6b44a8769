// The drawing: strokes by mouse, finger, pen or keyboard, and pictures laid under them.

/** Side of the drawing surface, in canvas pixels. All points are in these. */
const Side = 560;

/** Side of the picture that is sent: the network sees 28 pixels of it, ten times as many leave room to cut out. */
const SentSide = 280;

/** Width of a stroke at a pen's middle pressure: after the digit is cut out, two to three of 28 pixels, as in MNIST. */
const PenWidth = Side / 15;

/** A photo that only the browser can decode is sent this large at most: detail enough to find the digit on its paper. */
const MaxPictureSide = 1024;

/** What the service reads itself. */
const ReadTypes = ["image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp"];

/** So long after a pen has left the paper a touch is taken for the hand that holds it. */
const PalmMs = 1_000;

/** How far an arrow key moves the pen. */
const KeyStep = Side / 28;

const Arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Fires "change" whenever another picture is on the paper, and "pen" when the keyboard's pen goes down or up. */
export class Sketch extends EventTarget {
  #canvas;
  #context;
  #penMark;
  /** In the order they came: { points: [{ x, y, width }] } is a stroke, { file, bitmap } a picture. */
  #marks = [];
  /** The marks before each change, the latest last. */
  #history = [];
  #stroke = null;
  /** { id, type } of the mouse, finger or pen that draws. */
  #pointer = null;
  /** On the clock of events. */
  #penLeftAt = -Infinity;
  /** Counts changes, so that a picture that decodes slowly does not replace a later one. */
  #revision = 0;
  #pen = { x: Side / 2, y: Side / 4 };

  constructor(canvas, penMark) {
    super();
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#penMark = penMark;
    canvas.addEventListener("pointerdown", event => this.#start(event));
    canvas.addEventListener("pointermove", event => this.#move(event));
    canvas.addEventListener("pointerup", event => this.#end(event));
    canvas.addEventListener("pointercancel", event => this.#end(event));
    canvas.addEventListener("keydown", event => this.#press(event));
    canvas.addEventListener("blur", () => this.#endStroke());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#repaint());
  }

  get isEmpty() {
    return this.#marks.length === 0;
  }

  get canUndo() {
    return this.#history.length > 0;
  }

  /** The name of a file that is on the paper though the browser cannot show it, or null. */
  get unseenFile() {
    return this.#marks.find(mark => mark.file && !mark.bitmap)?.file.name ?? null;
  }

  /** For the keyboard, where a button that had the focus has nothing more to do. */
  focus() {
    this.#canvas.focus({ preventScroll: true });
  }

  /** Reverts the latest change: a stroke, a picture or a clear. */
  undo() {
    this.#endStroke();
    this.#marks = this.#history.pop() ?? [];
    this.#changed();
  }

  clear() {
    this.#endStroke();
    this.#replace([]);
  }

  /**
   * Puts a picture on the paper. A file that the browser cannot show is sent anyway: the service may read it.
   * @throws {DOMException} The browser cannot read the file.
   */
  async load(chosen) {
    const revision = ++this.#revision;
    // A copy, because the file may be changed or deleted while it is on the paper.
    const file = new File([await chosen.arrayBuffer()], chosen.name, { type: chosen.type });
    const bitmap = await createImageBitmap(file).catch(() => null);
    if (revision !== this.#revision) {
      return;
    }

    this.#endStroke();
    // Pictures take tens of megabytes, so undo goes back by one.
    this.#history.length = 0;
    this.#replace([{ file, bitmap }]);
  }

  /**
   * The picture to send: a file as it came, or the drawing as a PNG, black on white.
   * @returns {Promise<{ blob: Blob, place: { left: number, top: number, scale: number } | null }>}
   * place says where its pixels are on the paper, whose side is 1; null if the browser cannot show it.
   */
  toPicture() {
    const [{ file, bitmap }, ...others] = this.#marks;
    if (file && others.length === 0 && (ReadTypes.includes(file.type) || !bitmap)) {
      return Promise.resolve({ blob: file, place: bitmap && placeOf(bitmap) });
    }

    const side = bitmap ? Math.min(MaxPictureSide, Math.max(SentSide, bitmap.width, bitmap.height)) : SentSide;
    const sheet = document.createElement("canvas");
    sheet.width = sheet.height = side;
    const context = sheet.getContext("2d", { willReadFrequently: true });
    context.fillStyle = "#fff";
    context.fillRect(0, 0, side, side);
    context.scale(side / Side, side / Side);
    this.#paint(context, "#000");
    return new Promise((resolve, reject) => {
      const place = { left: 0, top: 0, scale: 1 / side };
      const settle = blob => blob ? resolve({ blob, place }) : reject(new Error("the browser could not encode the drawing"));
      sheet.toBlob(settle, "image/png");
    });
  }

  #start(event) {
    if (event.button !== 0 || this.#isPalm(event)) {
      return;
    }

    if (this.#pointer?.type === "touch" && event.pointerType === "pen") {
      // The hand lay down before its pen: what it left is no stroke.
      this.undo();
    } else if (this.#pointer !== null) {
      return;
    }

    event.preventDefault();
    this.#canvas.focus({ preventScroll: true, focusVisible: false });
    this.#endStroke();
    this.#penMark.hidden = true;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pointer = { id: event.pointerId, type: event.pointerType };
    this.#startStroke(this.#pointOf(event));
  }

  #isPalm(event) {
    return event.pointerType === "touch" && event.timeStamp - this.#penLeftAt < PalmMs;
  }

  #move(event) {
    if (event.pointerId === this.#pointer?.id) {
      const events = event.getCoalescedEvents?.() ?? [];
      this.#extendStroke((events.length > 0 ? events : [event]).map(each => this.#pointOf(each)));
    }
  }

  #end(event) {
    if (event.pointerId === this.#pointer?.id) {
      this.#endStroke();
    }

    if (event.pointerType === "pen") {
      this.#penLeftAt = event.timeStamp;
    }
  }

  #press(event) {
    if (this.#pointer !== null) {
      return;
    }

    const arrow = Arrows[event.key];
    if (arrow && !event.ctrlKey && !event.metaKey && !event.altKey) {
      this.#pen.x = Math.min(Side, Math.max(0, this.#pen.x + (arrow[0] * KeyStep)));
      this.#pen.y = Math.min(Side, Math.max(0, this.#pen.y + (arrow[1] * KeyStep)));
      if (this.#stroke) {
        this.#extendStroke([{ ...this.#pen, width: PenWidth }]);
      }
    } else if (event.key === " ") {
      if (!event.repeat) {
        this.#togglePen();
      }
    } else if (event.key === "Escape") {
      this.#endStroke();
    } else {
      return;
    }

    event.preventDefault();
    this.#penMark.hidden = false;
    this.#penMark.style.left = `${100 * this.#pen.x / Side}%`;
    this.#penMark.style.top = `${100 * this.#pen.y / Side}%`;
  }

  #togglePen() {
    if (this.#stroke) {
      this.#endStroke();
    } else {
      this.#startStroke({ ...this.#pen, width: PenWidth });
      this.#reportPen(true);
    }
  }

  #endStroke() {
    if (this.#stroke && this.#pointer === null) {
      this.#reportPen(false);
    }

    this.#stroke = this.#pointer = null;
  }

  #reportPen(down) {
    this.#penMark.toggleAttribute("data-down", down);
    this.dispatchEvent(new CustomEvent("pen", { detail: { down } }));
  }

  #startStroke(point) {
    this.#stroke = [point];
    this.#replace([...this.#marks, { points: this.#stroke }]);
  }

  #extendStroke(points) {
    this.#stroke.push(...points);
    this.#changed();
  }

  #pointOf(event) {
    const box = this.#canvas.getBoundingClientRect();
    const pressure = event.pointerType === "pen" && event.pressure > 0 ? event.pressure : 0.5;
    return {
      x: (event.clientX - box.left) * Side / box.width,
      y: (event.clientY - box.top) * Side / box.height,
      width: PenWidth * (0.5 + pressure),
    };
  }

  #replace(marks) {
    if (marks.length > 0 || !this.isEmpty) {
      this.#history.push(this.#marks);
    }

    this.#marks = marks;
    this.#changed();
  }

  #changed() {
    this.#revision++;
    this.#repaint();
    this.dispatchEvent(new Event("change"));
  }

  #repaint() {
    this.#context.clearRect(0, 0, Side, Side);
    this.#paint(this.#context, getComputedStyle(this.#canvas).color);
  }

  #paint(context, ink) {
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = ink;
    for (const mark of this.#marks) {
      if (mark.points) {
        paintStroke(context, mark.points);
      } else if (mark.bitmap) {
        paintPicture(context, mark.bitmap);
      }
    }
  }
}

/** Curves through the middles between the points, each as wide as the pen pressed there. */
function paintStroke(context, points) {
  let from = points[0];
  // A touch without a move is a dot, which no path of length 0 would draw.
  context.fillStyle = context.strokeStyle;
  context.beginPath();
  context.arc(from.x, from.y, from.width / 2, 0, 2 * Math.PI);
  context.fill();
  points.forEach((point, i) => {
    const next = points[i + 1] ?? point;
    const to = { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    context.lineWidth = point.width;
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.quadraticCurveTo(point.x, point.y, to.x, to.y);
    context.stroke();
    from = to;
  });
}

/** The whole picture, as large as fits, in the middle of a paper whose side is 1. */
function placeOf({ width, height }) {
  const scale = 1 / Math.max(width, height);
  return { left: (1 - (width * scale)) / 2, top: (1 - (height * scale)) / 2, scale };
}

function paintPicture(context, bitmap) {
  const { left, top, scale } = placeOf(bitmap);
  context.imageSmoothingEnabled = scale * Side < 4;
  context.drawImage(bitmap, left * Side, top * Side, bitmap.width * scale * Side, bitmap.height * scale * Side);
}
