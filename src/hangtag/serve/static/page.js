// What every page needs: asking the API, and saying what went wrong in its own words.

export async function ask(path, options = {}) {
  const write = options.method && options.method !== "GET";
  const headers = new Headers(options.headers || {});
  // The same write sent twice (a double click, a cut line) is done once.
  if (write) headers.set("Idempotency-Key", crypto.randomUUID?.() ?? String(Math.random()));
  if (options.json !== undefined) {
    headers.set("Content-Type", "application/json");
    options = { ...options, body: JSON.stringify(options.json) };
  }
  let answer;
  try {
    answer = await fetch(path, { ...options, headers });
  } catch {
    throw new Error("The server does not answer. Is hangtag serve still running?");
  }
  const kind = answer.headers.get("Content-Type") || "";
  const body = kind.includes("json") ? await answer.json() : null;
  if (!answer.ok) {
    const said = body?.detail ? `${body.detail}${body.hint ? ` – ${body.hint}` : ""}` : `Error ${answer.status}`;
    throw new Error(said);
  }
  return body;
}

export function make(name, facts = {}, ...inside) {
  const one = document.createElement(name);
  for (const [key, value] of Object.entries(facts)) {
    if (key === "class") one.className = value;
    else if (key.startsWith("on")) one.addEventListener(key.slice(2), value);
    else if (value === true) one.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) one.setAttribute(key, value);
  }
  one.append(...inside.filter((each) => each !== null && each !== undefined));
  return one;
}

export const imageOf = (item, size = 320) =>
  `/v1/items/${item.split("/").map(encodeURIComponent).join("/")}/pictures/0?size=${size}`;

export const percent = (share) => `${(100 * share).toFixed(1)} %`;

export function card(item) {
  const tags = Object.values(item.tags);
  const label = tags.length ? tags.map((one) => one.label).join(", ") : "unknown";
  const near = item.cosine === null || item.cosine === undefined ? "" : ` · ${item.cosine.toFixed(3)}`;
  const image = item.pictures.length
    ? make("img", { src: imageOf(item.id), alt: "", loading: "lazy", width: 320, height: 320 })
    : make("span", { class: "none" }, "no image");
  return make("a", { class: "card", href: `/catalog/item?id=${encodeURIComponent(item.id)}` },
    image, make("b", {}, item.title || item.id), make("span", { class: "small" }, label + near));
}

export function say(place, text, good = false) {
  place.replaceChildren(text ? make("p", {}, text) : "");
  place.hidden = !text;
  place.classList.toggle("good", good);
}

export const count = (n) => n.toLocaleString("en");

// A part of a drawing.
export function shape(name, facts, text = "") {
  const one = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(facts)) one.setAttribute(key, value);
  one.textContent = text;
  return one;
}
