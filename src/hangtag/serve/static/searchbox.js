// <hangtag-search endpoint="/find/search"></hangtag-search>: a search box for the shop's own page, in one file.
//
// A customer gives words or a photograph and sees the shop's items. It speaks to the shop's own server, which hands the
// request on with a key of its own (deploy/nginx.conf shows how): no key is in the page, and nobody else is asked.
// Attributes: endpoint (POST /v1/search), pictures (a picture's address, {id} in it), link (an item's page, {id} in it),
// label, empty (words shown), k (items at most).

class HangtagSearch extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
      :host { display: block; font: inherit; }
      form { display: flex; gap: .5rem; flex-wrap: wrap; }
      input[type=search] { flex: 1 1 12rem; }
      input, button { font: inherit; padding: .5rem .8rem; min-height: 2.75rem; border: 1px solid currentColor; border-radius: .4rem; background: transparent; color: inherit; }
      button { cursor: pointer; }
      :focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }
      ul { list-style: none; margin: 1rem 0 0; padding: 0; display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); }
      img { width: 100%; aspect-ratio: 1; object-fit: contain; }
      a { color: inherit; text-decoration: none; }
      p { margin: .75rem 0 0; }
      [hidden] { display: none; }`);
    root.adoptedStyleSheets = [sheet];
    const make = (name, facts = {}) => Object.assign(document.createElement(name), facts);
    this.words = make("input", { type: "search", placeholder: this.say("label", "Search, or give a photo") });
    this.words.setAttribute("aria-label", this.words.placeholder);
    this.file = make("input", { type: "file", accept: "image/png,image/jpeg,image/webp", hidden: true });
    this.file.setAttribute("aria-label", "A photo");
    const photo = make("button", { type: "button", textContent: "Photo" });
    const form = make("form");
    form.setAttribute("role", "search");
    this.note = make("p", { hidden: true });
    this.note.setAttribute("role", "status");
    this.list = make("ul");
    form.append(this.words, photo, make("button", { textContent: "Search" }), this.file);
    root.append(form, this.note, this.list);
    photo.addEventListener("click", () => this.file.click());
    this.file.addEventListener("change", () => this.file.files[0] && this.find(this.file.files[0]));
    form.addEventListener("submit", (event) => { event.preventDefault(); this.find(null); });
  }

  say(name, otherwise) { return this.getAttribute(name) || otherwise; }

  async find(picture) {
    const text = this.words.value.trim();
    if (!picture && !text) return;
    const asked = new URLSearchParams({ k: this.say("k", "12"), ...(text ? { text } : {}) });
    const options = { method: "POST" };
    if (picture) {
      options.body = new FormData();
      options.body.append("picture", picture, "picture");
    }
    // An answer that comes late, after another question, is not shown.
    const turn = (this.turn = (this.turn || 0) + 1);
    try {
      const answer = await fetch(`${this.say("endpoint", "/find/search")}?${asked}`, options);
      const found = await answer.json();
      if (turn !== this.turn) return;
      if (!answer.ok) throw new Error(found.detail);
      this.show(found.items);
    } catch (error) {
      if (turn === this.turn) this.show([], error.message || "The search does not answer.");
    } finally {
      this.file.value = "";
    }
  }

  show(items, trouble = "") {
    this.note.textContent = trouble || this.say("empty", "Nothing close was found.");
    this.note.hidden = items.length > 0;
    const at = (template, id) => template.replaceAll("{id}", id.split("/").map(encodeURIComponent).join("/"));
    this.list.replaceChildren(...items.map((one) => {
      const row = document.createElement("li"), link = document.createElement("a"), name = document.createElement("span");
      link.href = at(this.say("link", "/products/{id}"), one.id);
      if (one.pictures.length) {
        const image = document.createElement("img");
        image.src = at(this.say("pictures", "/find/items/{id}/pictures/0"), one.id);
        image.alt = "";
        image.loading = "lazy";
        link.append(image);
      }
      name.textContent = one.title || one.id;
      link.append(name);
      row.append(link);
      return row;
    }));
    this.dispatchEvent(new CustomEvent("found", { detail: items, bubbles: true }));
  }
}

customElements.define("hangtag-search", HangtagSearch);
