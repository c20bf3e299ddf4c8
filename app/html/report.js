"use strict";
(() => {
  const size = Object.fromEntries(Object.entries(document.body.dataset).map(([name, value]) => [name, Number(value)]));
  const SVG = "http://www.w3.org/2000/svg";
  const part = (name, attributes, text) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const words = (row, which) => row.dataset[which].split(" ").map((each) => BigInt("0x" + each));
  const set = (value, bit) => (value >> BigInt(bit)) & 1n;

  // All that is set in an entry: bits by name, fields as NAME=value.
  const decode = (value, names) => {
    const said = [], done = new Set();
    for (let bit = 0; bit < 64; bit++) {
      const name = names[bit];
      if (!set(value, bit) || done.has(name)) continue;
      if (!name.startsWith("=")) { said.push(name === "-" ? "b" + bit : name); continue; }
      done.add(name);
      let field = 0n;
      const low = names.indexOf(name);
      for (let each = low; each < 64; each++) {
        if (names[each] === name) field |= set(value, each) << BigInt(each - low);
      }
      said.push(name.slice(1) + "=0x" + field.toString(16));
    }
    return said.join(" ") || "nothing set";
  };

  const draw = (register, before, after) => {
    const svg = register.querySelector("svg"), bits = svg.querySelector(".bits");
    const frame = document.getElementById(svg.querySelector("use").getAttribute("href").slice(1));
    const drawn = [];
    for (let bit = 0; bit < 64; bit++) {
      const x = size.margin + (size.per - 1 - (bit % size.per)) * size.cell;
      const y = size.labels + (bit < size.per ? size.row : 0);
      const one = set(after, bit), changed = one !== set(before, bit);
      if (changed) drawn.push(part("rect", { x: x + 1, y: y + 1, width: size.cell - 2, height: size.tall - 2, "data-bit": bit }));
      drawn.push(part("text", { x: x + size.cell / 2, y: y + 17, class: one ? "one" : "zero", "data-bit": bit }, String(one)));
    }
    bits.replaceChildren(...drawn);
    const said = decode(after, frame.dataset.words.split(" "));
    register.querySelector(".hex").textContent = "0x" + after.toString(16).padStart(16, "0");
    register.querySelector(".said").textContent = said;
    svg.setAttribute("aria-label", register.querySelector(".entry").textContent + ": " + said);
  };

  const show = (example, wanted, follow = true) => {
    const rows = example.querySelectorAll(".steps tbody tr");
    const step = Math.min(Math.max(wanted, 0), rows.length - 1);
    const row = rows[step];
    const after = words(row, "a");
    const before = row.dataset.b ? words(row, "b") : step ? words(rows[step - 1], "a") : after;
    example.querySelectorAll(".register").forEach((each, number) => draw(each, before[number], after[number]));
    rows.forEach((each) => each.removeAttribute("aria-current"));
    row.setAttribute("aria-current", "step");
    example.dataset.step = step;
    const texts = [...row.cells].slice(1, -1).map((cell) => cell.textContent.trim()).filter(Boolean);
    example.querySelector("output").textContent = "Step " + step + " of " + (rows.length - 1) + ": " + texts.join(", ");
    if (follow) row.scrollIntoView({ block: "nearest" });
  };

  const KEYS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  const move = (example, by) => show(example, by === Infinity ? 1e9 : by === -Infinity ? 0 : Number(example.dataset.step) + by);

  const start = (example) => {
    if (example.dataset.step !== undefined || !example.querySelector(".steps")) return;
    const buttons = document.createElement("div");
    buttons.className = "buttons";
    for (const [text, by, title] of [["First", -Infinity, "Home"], ["Back", -1, "Arrow left"],
      ["Next", 1, "Arrow right"], ["Last", Infinity, "End"]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text;
      button.title = title;
      button.addEventListener("click", () => move(example, by));
      buttons.append(button);
    }
    const output = document.createElement("output");
    output.setAttribute("aria-live", "polite");
    buttons.append(output);
    example.querySelector(".registers").before(buttons);
    example.classList.add("stepping");
    show(example, 0, false);
  };

  const main = document.getElementById("theorems");
  main.addEventListener("toggle", (event) => {
    if (event.target.open) event.target.querySelectorAll(".example").forEach((each) => watcher.observe(each));
  }, true);
  const watcher = new IntersectionObserver((seen) => {
    for (const each of seen) if (each.isIntersecting) { start(each.target); watcher.unobserve(each.target); }
  }, { rootMargin: "400px" });
  document.querySelectorAll("details[open] .example").forEach((each) => watcher.observe(each));
  main.addEventListener("focusin", (event) => {
    const example = event.target.closest(".example");
    if (example) start(example);
  });
  main.addEventListener("keydown", (event) => {
    const example = event.target.closest(".example");
    if (!example || !(event.key in KEYS) || event.ctrlKey || event.metaKey || event.altKey) return;
    start(example);
    if (example.dataset.step === undefined) return;
    event.preventDefault();
    move(example, KEYS[event.key]);
  });
  main.addEventListener("click", (event) => {
    const row = event.target.closest(".stepping .steps tbody tr");
    if (row) show(row.closest(".example"), row.sectionRowIndex);
  });

  // What a link leads to is unfolded, and has the keyboard.
  const go = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !main.contains(target)) return;
    for (let each = target; each; each = each.parentElement.closest("details")) {
      if (each.tagName === "DETAILS") each.open = true;
    }
    target.hidden = false;
    target.closest(".theorem").hidden = false;
    if (target.classList.contains("example")) target.focus();
    target.scrollIntoView();
  };
  addEventListener("hashchange", go);

  const theorems = [...document.querySelectorAll(".theorem")];
  const search = document.getElementById("search"), verdict = document.getElementById("verdict");
  const found = document.getElementById("found");
  const texts = new Map();
  const textOf = (each) => {
    if (!texts.has(each)) texts.set(each, each.textContent.toLowerCase());
    return texts.get(each);
  };
  const filter = () => {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let number = 0;
    for (const each of theorems) {
      const fits = (!verdict.value || each.dataset.kinds.split(" ").includes(verdict.value)) &&
        wanted.every((word) => textOf(each).includes(word));
      each.hidden = !fits;
      number += fits;
    }
    found.textContent = number + " of " + theorems.length + (theorems.length === 1 ? " theorem" : " theorems");
  };
  let later = 0;
  search.addEventListener("input", () => { clearTimeout(later); later = setTimeout(filter, 80); });
  verdict.addEventListener("change", filter);
  const form = document.getElementById("filter"), unfold = document.getElementById("unfold");
  form.addEventListener("submit", (event) => event.preventDefault());
  unfold.addEventListener("click", () => {
    const open = unfold.textContent === "Unfold all";
    for (const each of theorems) if (!each.hidden || !open) each.open = open;
    unfold.textContent = open ? "Fold all" : "Unfold all";
  });
  form.hidden = false;
  filter();

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll(".theorem:not([hidden]), .theorem:not([hidden]) details")].filter((each) => !each.open);
    folded.forEach((each) => { each.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((each) => { each.open = false; }));
  go();
})();
