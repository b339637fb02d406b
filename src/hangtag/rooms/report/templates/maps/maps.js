"use strict";
// Maps of up to some 100,000 points. One Walk per section holds what its maps share: which groups
// are hidden, which image is chosen, the thumbnails. One Plot per map draws points into an image
// of its own, pixel by pixel, which is many times faster than drawing shapes one by one.

const REACH = 14; // pixels from the pointer within which a point is found; fingers get twice that
const TINY = 34; // pixels: side of the images that stand for points far enough in
const STEP = 24; // pixels an arrow key goes
const AROUND = 40; // pixels around the chosen image that Enter takes
const NONE = 65535;

function island(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

function packed(text, Kind) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at += 1) bytes[at] = raw.charCodeAt(at);
  return new Kind(bytes.buffer);
}

function channels(colour) {
  const number = parseInt(colour.trim().slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}

// How much of a pixel (x, y away from the middle) a shape of this radius covers: 0 to 1.
const COVER = {
  disc: (x, y, r) => r + 0.5 - Math.hypot(x, y),
  square: (x, y, r) => 0.9 * r + 0.5 - Math.max(Math.abs(x), Math.abs(y)),
  triangle: (x, y, r) => 0.5 + Math.min(0.75 * r - y, (y + 1.2 * r) * 0.5 - Math.abs(x) * 0.9),
  diamond: (x, y, r) => 0.5 + (1.25 * r - Math.abs(x) - Math.abs(y)) * 0.7,
  cross: (x, y, r) =>
    0.5 + Math.min(1.2 * r - Math.max(Math.abs(x), Math.abs(y)), 0.45 * r - Math.abs(Math.abs(x) - Math.abs(y)) * 0.7),
};

function stamp(shape, radius) {
  const reach = Math.ceil(radius * 1.3 + 1);
  const found = [];
  for (let y = -reach; y <= reach; y += 1) {
    for (let x = -reach; x <= reach; x += 1) {
      const cover = Math.min(1, Math.max(0, COVER[shape](x, y, radius)));
      if (cover > 0.05) found.push([x, y, cover]);
    }
  }
  return found;
}

class Walk {
  constructor(place) {
    this.place = place;
    this.data = island(place.dataset.island);
    // Sections of the same images share their thumbnails: the first one holds them.
    if (typeof this.data.sheets === "string") this.data.sheets = island(this.data.sheets).sheets;
    this.groupings = this.data.groupings.map((one) => ({
      ...one,
      groups: packed(one.groups, Uint16Array),
      hidden: new Set(),
    }));
    this.indices = this.data.names.list ? null : packed(this.data.names.indices, Uint32Array);
    this.by = 0;
    this.raised = -1;
    this.chosen = -1;
    this.sheets = new Map();
    this.picked = new Picked(this);
    this.plots = [...place.querySelectorAll(".plot")].map(
      (figure) => new Plot(this, figure, this.data.maps[Number(figure.dataset.map)]),
    );
    this.listen();
    place.classList.add("on");
    this.look();
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", () => this.look());
  }

  get grouping() {
    return this.groupings[this.by];
  }

  groupOf(picture) {
    return this.grouping ? this.grouping.groups[picture] : NONE;
  }

  visible(picture) {
    return !this.grouping || !this.grouping.hidden.has(this.groupOf(picture));
  }

  // Colours come from the style sheet, so that they follow the reader's scheme.
  look() {
    const style = getComputedStyle(this.place);
    const of = (name) => channels(style.getPropertyValue(name));
    const colours = [];
    for (let at = 0; style.getPropertyValue(`--map-${at}`); at += 1) colours.push(of(`--map-${at}`));
    this.colours = colours;
    this.paper = of("--paper");
    this.muted = of("--muted");
    this.grid = of("--grid");
    this.ink = of("--ink");
    this.font = getComputedStyle(document.body).fontFamily;
    this.redraw();
  }

  colour(group) {
    return group === NONE ? this.muted : this.colours[group % this.colours.length];
  }

  shape(group) {
    const { shapes } = this.data;
    return group === NONE ? "disc" : shapes[Math.floor(group / this.colours.length) % shapes.length];
  }

  name(picture) {
    const { list, parts } = this.data.names;
    if (list) return list[picture];
    const index = this.indices[picture];
    for (const [part, start, stop] of parts) {
      if (index >= start && index < stop) return `${part}/${String(index - start).padStart(5, "0")}`;
    }
    return `image ${index}`;
  }

  // What is known of an image, in words.
  words(picture) {
    return this.groupings.map((one) => {
      const group = one.groups[picture];
      const name = group === NONE ? `no ${one.title}` : one.names[group];
      return name;
    });
  }

  // The sheet an image is on, once it is decoded; `later` is called when it was not yet.
  sheet(picture, later) {
    const { sheets } = this.data;
    if (!sheets) return null;
    const number = Math.floor(picture / sheets.each);
    const found = this.sheets.get(number);
    if (found) return found.complete && found.naturalWidth ? found : null;
    const image = new Image();
    image.onload = later;
    image.src = sheets.uris[number];
    this.sheets.set(number, image);
    return null;
  }

  // Draw an image's thumbnail into a box; false while its sheet is still being decoded.
  thumbnail(context, picture, x, y, side, later) {
    const image = this.sheet(picture, later);
    if (!image) return false;
    const { width, height, columns, each } = this.data.sheets;
    const at = picture % each;
    const wide = (side * width) / Math.max(width, height);
    const high = (side * height) / Math.max(width, height);
    context.imageSmoothingEnabled = side < Math.max(width, height);
    context.drawImage(
      image,
      (at % columns) * width, Math.floor(at / columns) * height, width, height,
      x + (side - wide) / 2, y + (side - high) / 2, wide, high,
    );
    return true;
  }

  choose(picture, { aloud = false } = {}) {
    this.chosen = picture;
    for (const plot of this.plots) plot.mark();
    if (aloud) {
      const text = picture < 0 ? "" : [this.name(picture), ...this.words(picture)].join(", ");
      this.place.querySelector(".said").textContent = text;
    }
  }

  redraw() {
    for (const plot of this.plots) plot.redraw();
  }

  // After groups were hidden or shown again.
  changed() {
    const legend = this.place.querySelector(`.legend[data-grouping="${this.by}"]`);
    if (legend) {
      for (const button of legend.querySelectorAll("button[data-group]")) {
        button.setAttribute("aria-pressed", String(!this.grouping.hidden.has(Number(button.dataset.group))));
      }
    }
    if (this.chosen >= 0 && !this.visible(this.chosen)) this.choose(-1);
    let shown = 0;
    for (let picture = 0; picture < this.data.count; picture += 1) shown += this.visible(picture);
    const all = this.data.count.toLocaleString("en");
    this.place.querySelector(".shown").textContent =
      shown === this.data.count ? "" : `showing ${shown.toLocaleString("en")} of ${all} images`;
    this.redraw();
  }

  listen() {
    this.place.querySelector(".controls").addEventListener("click", (event) => this.pressed(event));
    for (const legend of this.place.querySelectorAll(".legend")) {
      for (const [begin, end] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
        legend.addEventListener(begin, (event) => {
          const button = event.target.closest("button[data-group]");
          if (button && event.pointerType !== "touch") this.raise(Number(button.dataset.group));
        });
        legend.addEventListener(end, () => this.raise(-1));
      }
    }
    for (const choice of this.place.querySelectorAll('.choice input[type="radio"]')) {
      choice.addEventListener("change", () => {
        this.by = Number(choice.value);
        for (const legend of this.place.querySelectorAll(".legend")) {
          legend.hidden = Number(legend.dataset.grouping) !== this.by;
        }
        this.changed();
      });
    }
    const find = this.place.querySelector('input[name="find"]');
    find.addEventListener("change", () => this.find(find.value.trim().toLowerCase()));
    const names = this.place.querySelector('input[name="names"]');
    if (names) names.addEventListener("change", () => this.redraw());
    this.named = () => Boolean(names && names.checked);
  }

  // Take all images whose names hold these signs, also those of hidden groups.
  find(signs) {
    const found = [];
    for (let picture = 0; signs && picture < this.data.count; picture += 1) {
      if (this.name(picture).toLowerCase().includes(signs)) found.push(picture);
    }
    this.picked.take(found);
    if (signs && !found.length) this.place.querySelector(".shown").textContent = "no name holds that";
  }

  pressed(event) {
    const one = event.target.closest("button[data-group]");
    const all = event.target.closest("button[data-all]");
    if (!one && !all) return;
    const { hidden } = this.grouping;
    if (one) {
      const group = Number(one.dataset.group);
      if (!hidden.delete(group)) hidden.add(group);
      this.raised = -1;
    } else {
      hidden.clear();
      if (all.dataset.all === "false") for (const group of this.groups()) hidden.add(group);
    }
    this.changed();
  }

  // The groups that have a name in the legend.
  groups() {
    const buttons = this.place.querySelectorAll(`.legend[data-grouping="${this.by}"] button[data-group]`);
    return [...buttons].map((button) => Number(button.dataset.group));
  }

  raise(group) {
    if (this.raised === group) return;
    this.raised = group;
    this.redraw();
  }
}

class Plot {
  constructor(walk, figure, data) {
    this.walk = walk;
    this.figure = figure;
    this.stage = figure.querySelector(".stage");
    this.canvas = figure.querySelector(".points");
    this.marks = figure.querySelector(".marks");
    this.tip = figure.querySelector(".tip");
    this.rows = data.rows ? packed(data.rows, Uint32Array) : null;
    this.place(packed(data.places, Uint16Array), data.box);
    this.sort();
    this.view = { scale: 1, x: 0.5, y: 0.5 };
    this.fingers = new Map();
    this.middles = new Map();
    this.listen();
    new ResizeObserver(() => this.redraw()).observe(this.stage);
  }

  // Places in units in which the map's longer side is 1, the same along both axes; y goes down.
  place(places, [left, right, bottom, top]) {
    const longest = Math.max(right - left, top - bottom) || 1;
    const across = (right - left) / longest / 65535;
    const up = (top - bottom) / longest / 65535;
    const n = places.length / 2;
    this.n = n;
    this.x = new Float32Array(n);
    this.y = new Float32Array(n);
    for (let at = 0; at < n; at += 1) {
      this.x[at] = places[2 * at] * across + (1 - 65535 * across) / 2;
      this.y[at] = 1 - places[2 * at + 1] * up - (1 - 65535 * up) / 2;
    }
    this.wide = 65535 * across || 0.01;
    this.high = 65535 * up || 0.01;
    // Points are drawn in a shuffled order, so that no group lies on top of all others.
    this.order = new Uint32Array(n);
    let stride = Math.floor(n * 0.618) || 1;
    const common = (a, b) => (b ? common(b, a % b) : a);
    while (common(stride, n) !== 1) stride += 1;
    for (let at = 0; at < n; at += 1) this.order[at] = (at * stride) % n;
    this.of = null;
  }

  // Bins of points, to find the nearest one without looking at all.
  sort() {
    const side = Math.max(1, Math.min(256, Math.ceil(Math.sqrt(this.n / 3))));
    const starts = new Uint32Array(side * side + 1);
    const bin = (at) =>
      Math.min(side - 1, Math.floor(this.y[at] * side)) * side + Math.min(side - 1, Math.floor(this.x[at] * side));
    for (let at = 0; at < this.n; at += 1) starts[bin(at) + 1] += 1;
    for (let at = 0; at < side * side; at += 1) starts[at + 1] += starts[at];
    const next = starts.slice();
    this.binned = new Uint32Array(this.n);
    for (let at = 0; at < this.n; at += 1) this.binned[next[bin(at)]++] = at;
    this.bins = { side, starts };
  }

  picture(at) {
    return this.rows ? this.rows[at] : at;
  }

  // Which point an image is; -1 when it is not on this map.
  pointOf(picture) {
    if (!this.rows) return picture;
    if (!this.of) {
      this.of = new Int32Array(this.walk.data.count).fill(-1);
      for (let at = 0; at < this.n; at += 1) this.of[this.rows[at]] = at;
    }
    return this.of[picture];
  }

  // Pixels of the canvas that one unit takes.
  get unit() {
    const { width, height } = this.size;
    return 0.92 * Math.min(width / this.wide, height / this.high) * this.view.scale;
  }

  // Where a point of the map is on the canvas, in CSS pixels.
  seen(x, y) {
    const { width, height } = this.size;
    return [(x - this.view.x) * this.unit + width / 2, (y - this.view.y) * this.unit + height / 2];
  }

  // Which point of the map a place on the canvas is.
  meant(px, py) {
    const { width, height } = this.size;
    return [(px - width / 2) / this.unit + this.view.x, (py - height / 2) / this.unit + this.view.y];
  }

  redraw() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.draw();
      this.mark();
    });
  }

  fit() {
    const box = this.stage.getBoundingClientRect();
    const dense = window.devicePixelRatio || 1;
    this.size = { width: box.width, height: box.height, dense };
    for (const canvas of [this.canvas, this.marks]) {
      const width = Math.max(1, Math.round(box.width * dense));
      const height = Math.max(1, Math.round(box.height * dense));
      if (canvas.width !== width || canvas.height !== height) {
        canvas.width = width;
        canvas.height = height;
      }
    }
  }

  draw() {
    this.fit();
    const { dense } = this.size;
    const context = this.canvas.getContext("2d", { alpha: false });
    const { width, height } = this.canvas;
    const inside = this.inside();
    const image = new ImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const paper = this.walk.paper;
    pixels.fill((255 << 24) | (paper[2] << 16) | (paper[1] << 8) | paper[0]);
    const room = (this.size.width * this.size.height) / Math.max(1, inside.length);
    const many = this.walk.grouping && this.walk.grouping.names.length > this.walk.colours.length;
    const radius = Math.max(many ? 1.5 : 1.1, Math.min(5, 0.36 * Math.sqrt(room))) * dense;
    this.stampAll(image, inside, radius, inside.length > 20000 ? 0.75 : 0.9);
    context.putImageData(image, 0, 0);
    context.setTransform(dense, 0, 0, dense, 0, 0);
    if (this.walk.data.sheets && inside.length * TINY * TINY <= 0.6 * this.size.width * this.size.height) {
      this.drawImages(context, inside);
    }
    if (this.walk.named() && this.walk.grouping) this.drawNames(context);
    this.canvas.dataset.drawn = String(inside.length);
  }

  // The visible points on the canvas, in drawing order.
  inside() {
    const margin = TINY;
    const [left, top] = this.meant(-margin, -margin);
    const [right, bottom] = this.meant(this.size.width + margin, this.size.height + margin);
    const hidden = this.walk.grouping ? this.walk.grouping.hidden : new Set();
    const found = [];
    for (const at of this.order) {
      if (this.x[at] < left || this.x[at] > right || this.y[at] < top || this.y[at] > bottom) continue;
      if (hidden.size && hidden.has(this.walk.groupOf(this.picture(at)))) continue;
      found.push(at);
    }
    return found;
  }

  stampAll(image, inside, radius, opacity) {
    const { walk } = this;
    const stamps = new Map();
    const { raised } = walk;
    const { set } = walk.picked;
    const stands = (picture, group) => (raised < 0 || group === raised) && (!set || set.has(picture));
    for (const pass of raised < 0 && !set ? [null] : [false, true]) {
      for (const at of inside) {
        const group = walk.groupOf(this.picture(at));
        if (pass !== null && stands(this.picture(at), group) !== pass) continue;
        const shape = walk.shape(group);
        if (!stamps.has(shape)) stamps.set(shape, stamp(shape, radius));
        const faint = pass === false;
        this.put(image, at, stamps.get(shape), faint ? walk.grid : walk.colour(group), faint ? 0.5 : opacity);
      }
    }
  }

  put(image, at, spots, [red, green, blue], opacity) {
    const { width, height, data } = image;
    const [px, py] = this.seen(this.x[at], this.y[at]);
    const x = Math.round(px * this.size.dense);
    const y = Math.round(py * this.size.dense);
    for (const [dx, dy, cover] of spots) {
      const left = x + dx;
      const top = y + dy;
      if (left < 0 || top < 0 || left >= width || top >= height) continue;
      const where = 4 * (top * width + left);
      const share = cover * opacity;
      data[where] += (red - data[where]) * share;
      data[where + 1] += (green - data[where + 1]) * share;
      data[where + 2] += (blue - data[where + 2]) * share;
    }
  }

  drawImages(context, inside) {
    const later = () => this.redraw();
    for (const at of inside) {
      const picture = this.picture(at);
      const [x, y] = this.seen(this.x[at], this.y[at]);
      if (!this.walk.thumbnail(context, picture, x - TINY / 2, y - TINY / 2, TINY, later)) continue;
      context.strokeStyle = `rgb(${this.walk.colour(this.walk.groupOf(picture)).join(" ")})`;
      context.lineWidth = 2;
      context.strokeRect(x - TINY / 2, y - TINY / 2, TINY, TINY);
    }
  }

  // Where the names stand: in the middle of each group's densest spot.
  spots() {
    const { by } = this.walk;
    if (this.middles.has(by)) return this.middles.get(by);
    const { names } = this.walk.grouping;
    const side = 24;
    const tallies = new Map();
    for (let at = 0; at < this.n; at += 1) {
      const group = this.walk.groupOf(this.picture(at));
      if (group === NONE) continue;
      if (!tallies.has(group)) tallies.set(group, new Float64Array(3 * side * side));
      const cell = Math.min(side - 1, Math.floor(this.y[at] * side)) * side + Math.min(side - 1, Math.floor(this.x[at] * side));
      const tally = tallies.get(group);
      tally[3 * cell] += 1;
      tally[3 * cell + 1] += this.x[at];
      tally[3 * cell + 2] += this.y[at];
    }
    const found = [...tallies].map(([group, tally]) => ({ group, name: names[group], ...densest(tally, side) }));
    found.sort((one, other) => other.count - one.count);
    this.middles.set(by, found);
    return found;
  }

  drawNames(context) {
    const { walk } = this;
    context.font = `600 ${this.size.width < 480 ? 11 : 13}px ${walk.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    const taken = [];
    for (const { group, name, x, y } of this.spots()) {
      if (walk.grouping.hidden.has(group)) continue;
      const text = name.length > 18 ? `${name.slice(0, 17)}…` : name;
      const half = context.measureText(text).width / 2 + 2;
      const [px, middle] = this.seen(x, y);
      const free = (at) => !taken.some((one) => Math.abs(one.x - px) < one.half + half && Math.abs(one.y - at) < 15);
      const py = [middle, middle - 16, middle + 16].find(free);
      if (py === undefined) continue;
      taken.push({ x: px, y: py, half });
      context.globalAlpha = walk.raised < 0 || walk.raised === group ? 1 : 0.25;
      context.lineWidth = 4;
      context.strokeStyle = `rgb(${walk.paper.join(" ")} / .85)`;
      context.strokeText(text, px, py);
      context.fillStyle = `rgb(${walk.ink.join(" ")})`;
      context.fillText(text, px, py);
    }
    context.globalAlpha = 1;
  }

  // The visible point nearest to a place on the canvas, within so many pixels.
  nearest(px, py, reach, except = -1) {
    const [x, y] = this.meant(px, py);
    const away = reach / this.unit;
    const { side, starts } = this.bins;
    const bound = (value) => Math.max(0, Math.min(side - 1, Math.floor(value * side)));
    let best = -1;
    let least = away * away;
    for (let row = bound(y - away); row <= bound(y + away); row += 1) {
      for (let at = starts[row * side + bound(x - away)]; at < starts[row * side + bound(x + away) + 1]; at += 1) {
        const point = this.binned[at];
        const distance = (this.x[point] - x) ** 2 + (this.y[point] - y) ** 2;
        if (distance > least || point === except || !this.walk.visible(this.picture(point))) continue;
        least = distance;
        best = point;
      }
    }
    return best;
  }

  // A ring around the chosen image, and its thumbnail beside it where the reader is.
  mark() {
    if (!this.size) return;
    const { dense, width, height } = this.size;
    const context = this.marks.getContext("2d");
    context.setTransform(dense, 0, 0, dense, 0, 0);
    context.clearRect(0, 0, width, height);
    if (this.line) this.drawLine(context);
    const { chosen } = this.walk;
    const at = chosen < 0 ? -1 : this.pointOf(chosen);
    if (at < 0) {
      this.tip.hidden = true;
      return;
    }
    const [x, y] = this.seen(this.x[at], this.y[at]);
    for (const [colour, thick] of [[this.walk.paper, 5], [this.walk.ink, 2]]) {
      context.strokeStyle = `rgb(${colour.join(" ")})`;
      context.lineWidth = thick;
      context.beginPath();
      context.arc(x, y, 9, 0, 2 * Math.PI);
      context.stroke();
    }
    if (this.held) this.show(chosen, x, y);
    else this.tip.hidden = true;
  }

  drawLine(context) {
    context.beginPath();
    this.line.forEach(([x, y], at) => (at ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
    context.fillStyle = `rgb(${this.walk.ink.join(" ")} / .08)`;
    context.fill();
    context.strokeStyle = `rgb(${this.walk.ink.join(" ")})`;
    context.lineWidth = 1.5;
    context.setLineDash([5, 4]);
    context.stroke();
    context.setLineDash([]);
  }

  // Take the visible images whose places on the canvas are so.
  pick(inside) {
    const found = [];
    for (let at = 0; at < this.n; at += 1) {
      const picture = this.picture(at);
      if (this.walk.visible(picture) && inside(...this.seen(this.x[at], this.y[at]))) found.push(picture);
    }
    this.walk.picked.take(found);
  }

  show(picture, x, y) {
    const canvas = this.tip.querySelector("canvas");
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, canvas.width, canvas.height);
    canvas.hidden = !this.walk.data.sheets;
    this.walk.thumbnail(context, picture, 0, 0, canvas.width, () => this.mark());
    const lines = [...this.walk.words(picture), this.walk.name(picture)].map((text) => {
      const line = document.createElement("span");
      line.textContent = text;
      return line;
    });
    lines[lines.length - 1].className = "id";
    this.tip.querySelector("p").replaceChildren(...lines);
    this.tip.hidden = false;
    const { width, height } = this.size;
    const box = this.tip.getBoundingClientRect();
    const left = x + 14 + box.width <= width ? x + 14 : Math.max(0, x - 14 - box.width);
    const top = Math.max(0, Math.min(y - box.height / 2, height - box.height));
    this.tip.style.transform = `translate(${left}px, ${top}px)`;
  }

  hold(held) {
    for (const plot of this.walk.plots) plot.held = held && plot === this;
  }

  zoom(factor, px = this.size.width / 2, py = this.size.height / 2) {
    const [x, y] = this.meant(px, py);
    this.view.scale = Math.max(1, Math.min(400, this.view.scale * factor));
    const [now, then] = this.meant(px, py);
    this.move(x - now, y - then);
  }

  move(x, y) {
    const { view } = this;
    const half = (side) => Math.max(0, side / 2 - side / 4 / view.scale);
    view.x = Math.max(0.5 - half(this.wide), Math.min(0.5 + half(this.wide), view.x + x));
    view.y = Math.max(0.5 - half(this.high), Math.min(0.5 + half(this.high), view.y + y));
    if (view.scale === 1) Object.assign(view, { x: 0.5, y: 0.5 });
    this.canvas.classList.toggle("zoomed", view.scale > 1);
    this.redraw();
  }

  whole() {
    this.view.scale = 1;
    this.move(0, 0);
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.moved(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => this.up(event));
    canvas.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse" && !this.fingers.size) this.walk.choose(-1);
    });
    canvas.addEventListener("dblclick", (event) => this.zoom(2, event.offsetX, event.offsetY));
    canvas.addEventListener("wheel", (event) => {
      if (document.activeElement !== canvas && !event.ctrlKey) return; // the page scrolls
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * 0.0015), event.offsetX, event.offsetY);
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => this.key(event));
    this.figure.querySelector(".buttons").addEventListener("click", (event) => {
      const button = event.target.closest("button");
      const todo = button && button.dataset.do;
      if (todo === "in") this.zoom(1.6);
      if (todo === "out") this.zoom(1 / 1.6);
      if (todo === "whole") this.whole();
      if (todo === "larger") {
        button.setAttribute("aria-pressed", String(this.figure.classList.toggle("large")));
      }
      if (todo === "select") {
        this.selecting = canvas.classList.toggle("selecting");
        button.setAttribute("aria-pressed", String(this.selecting));
      }
    });
  }

  down(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    this.still = this.fingers.size === 1;
    const draws = this.still && (this.selecting || event.shiftKey);
    this.line = draws ? [[event.offsetX, event.offsetY]] : null;
    if (draws) this.walk.choose(-1);
  }

  moved(event) {
    const finger = this.fingers.get(event.pointerId);
    const { offsetX: x, offsetY: y } = event;
    if (!finger) {
      if (event.pointerType === "mouse") this.point(x, y, REACH);
      return;
    }
    if (Math.hypot(x - finger.x, y - finger.y) < 3 && this.still) return;
    if (this.line) {
      this.line.push([x, y]);
      this.mark();
      return;
    }
    this.still = false;
    this.canvas.classList.add("dragged");
    if (this.fingers.size === 2) this.pinch(event.pointerId, finger, x, y);
    else if (event.pointerType === "mouse" || this.view.scale > 1) {
      this.move((finger.x - x) / this.unit, (finger.y - y) / this.unit);
    }
    this.fingers.set(event.pointerId, { x, y });
  }

  pinch(id, finger, x, y) {
    const [other] = [...this.fingers].filter(([one]) => one !== id).map(([, place]) => place);
    const before = Math.hypot(finger.x - other.x, finger.y - other.y) || 1;
    const after = Math.hypot(x - other.x, y - other.y) || 1;
    this.zoom(after / before, (x + other.x) / 2, (y + other.y) / 2);
  }

  up(event) {
    const tapped = this.still && this.fingers.has(event.pointerId) && event.type === "pointerup";
    this.fingers.delete(event.pointerId);
    this.canvas.classList.remove("dragged");
    if (this.line) {
      const corners = this.line;
      this.line = null;
      this.mark();
      if (corners.length > 2 && event.type === "pointerup") this.pick((x, y) => within(x, y, corners));
      return;
    }
    if (tapped && event.pointerType !== "mouse") this.point(event.offsetX, event.offsetY, 2 * REACH, true);
  }

  point(x, y, reach, aloud = false) {
    const found = this.nearest(x, y, reach);
    this.hold(found >= 0);
    this.walk.choose(found < 0 ? -1 : this.picture(found), { aloud });
  }

  key(event) {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = steps[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (step) this.step(step, event.shiftKey ? 4 * STEP : STEP);
    else if (event.key === "+" || event.key === "=") this.zoom(1.4);
    else if (event.key === "-") this.zoom(1 / 1.4);
    else if (event.key === "0") this.whole();
    else if (event.key === "Escape") this.let();
    else if (event.key === "Enter") this.gather();
    else return;
    event.preventDefault();
  }

  let() {
    this.walk.choose(-1, { aloud: true });
    if (this.walk.picked.set) this.walk.picked.take([]);
  }

  // Take what lies around the chosen image.
  gather() {
    const at = this.walk.chosen < 0 ? -1 : this.pointOf(this.walk.chosen);
    if (at < 0) return;
    const [x, y] = this.seen(this.x[at], this.y[at]);
    this.pick((px, py) => Math.hypot(px - x, py - y) <= AROUND);
  }

  // To the nearest visible image around the place that lies so far in that direction.
  step([across, down], far) {
    const { width, height } = this.size;
    const from = this.walk.chosen < 0 ? -1 : this.pointOf(this.walk.chosen);
    const begin = from < 0 ? [width / 2, height / 2] : this.seen(this.x[from], this.y[from]);
    if (from < 0) return this.land(this.nearest(...begin, width + height));
    for (let reach = far; reach <= 2 * (width + height); reach *= 1.6) {
      const found = this.nearest(begin[0] + across * reach, begin[1] + down * reach, reach * 0.9, from);
      if (found >= 0) return this.land(found);
    }
    return undefined;
  }

  land(at) {
    if (at < 0) return;
    const [x, y] = this.seen(this.x[at], this.y[at]);
    const { width, height } = this.size;
    if (x < 20 || y < 20 || x > width - 20 || y > height - 20) {
      this.move(this.x[at] - this.view.x, this.y[at] - this.view.y);
    }
    this.hold(true);
    this.walk.choose(this.picture(at), { aloud: true });
  }
}

// The cell with the most points in it and around it, and the middle of these points.
function densest(tally, side) {
  let best = { count: 0, x: 0.5, y: 0.5 };
  for (let row = 0; row < side; row += 1) {
    for (let column = 0; column < side; column += 1) {
      const sum = [0, 0, 0];
      for (let y = Math.max(0, row - 1); y <= Math.min(side - 1, row + 1); y += 1) {
        for (let x = Math.max(0, column - 1); x <= Math.min(side - 1, column + 1); x += 1) {
          for (let kind = 0; kind < 3; kind += 1) sum[kind] += tally[3 * (y * side + x) + kind];
        }
      }
      if (sum[0] > best.count) best = { count: sum[0], x: sum[1] / sum[0], y: sum[2] / sum[0] };
    }
  }
  return best;
}

for (const place of document.querySelectorAll(".maps")) new Walk(place);
