// An image by mouse, keyboard, clipboard or camera; its tag, what the model saw, similar items.
import { ask, card, make, percent, say } from "./page.js";

const $ = (id) => document.getElementById(id);
const drop = $("drop"), chooser = $("chooser"), shown = $("shown"), video = $("video"), note = $("note");
let stream = null, last = null;

function stopCamera() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  video.hidden = true;
  $("shoot").hidden = true;
  $("camera").hidden = false;
}

async function tryImage(file) {
  stopCamera();
  last = file;
  say(note, "");
  const url = URL.createObjectURL(file);
  shown.onload = () => {
    shown.classList.toggle("tiny", shown.naturalWidth < 100);
    URL.revokeObjectURL(url);
  };
  shown.src = url;
  shown.hidden = false;
  $("asking").hidden = true;
  $("result").setAttribute("aria-busy", "true");
  try {
    await Promise.all([tag(file), similar(file, false)]);
  } finally {
    $("result").removeAttribute("aria-busy");
  }
}

const form = (file) => {
  const data = new FormData();
  data.append("picture", file, file.name || "image.png");
  return data;
};

async function tag(file) {
  try {
    const found = await ask("/v1/tag?seen=true&top=5", { method: "POST", body: form(file) });
    answer(found.tags[0], found.threshold);
  } catch (error) {
    $("tagged").hidden = true;
    say(note, error.message);
  }
}

function answer(one, threshold) {
  if (one.error) {
    $("tagged").hidden = true;
    say(note, `The image ${one.error}.`);
    return;
  }
  $("tagged").hidden = false;
  $("label").textContent = one.label;
  $("label").classList.toggle("unknown", Boolean(one.reason));
  $("why").textContent = why(one, threshold);
  $("ranks").replaceChildren(...one.top.map((each) => make("li", {},
    make("span", {}, each.label),
    make("meter", { min: 0, max: 1, value: each.probability, "aria-label": `${each.label}, ${percent(each.probability)}` }),
    make("span", {}, percent(each.probability)))));
  $("seen").src = one.seen;
  $("done").textContent = one.done ? `The image was ${one.done.replaceAll("; ", ", ")}.` : "The image as it came.";
}

function why(one, threshold) {
  const first = `${one.top[0].label}, ${percent(one.confidence)}`;
  if (one.reason === "unlike anything seen") {
    return `It would say ${first}, but the image is unlike anything it was trained on, so it does not answer.`;
  }
  if (one.reason) {
    return threshold === null
      ? `It would say ${first}, but no confidence is known from which it can be believed.`
      : `It would say ${first}, and answers only from ${percent(threshold)} on.`;
  }
  return threshold ? `${percent(one.confidence)} sure; it answers from ${percent(threshold)} on.` : `${percent(one.confidence)} sure.`;
}

async function similar(file, everything) {
  if (!$("similar")) return;
  const note = $("held");
  try {
    const found = await ask(`/v1/search?k=12&everything=${everything}`, { method: "POST", body: form(file) });
    $("similar").hidden = false;
    $("hits").replaceChildren(...found.items.map((one) => make("li", {}, card(one))));
    $("nothing").hidden = found.items.length > 0;
    note.hidden = found.held_back === 0;
    $("held-words").textContent = `${found.held_back} more held back: not close enough.`;
  } catch (error) {
    $("similar").hidden = true;
  }
}

chooser.addEventListener("change", () => chooser.files[0] && tryImage(chooser.files[0]));
$("browse").addEventListener("click", () => chooser.click());
$("all")?.addEventListener("click", () => last && similar(last, true));
for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
}
for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  const file = [...event.dataTransfer.files].find((one) => one.type.startsWith("image/") || !one.type);
  if (file) tryImage(file);
  else say(note, "That is no image. Drop a PNG, JPEG or WebP file.");
});
document.addEventListener("paste", (event) => {
  const file = [...(event.clipboardData?.files || [])].find((one) => one.type.startsWith("image/"));
  if (file) tryImage(file);
  else say(note, "There is no image in the clipboard.");
});
$("camera").addEventListener("click", async () => {
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: true });
  } catch {
    say(note, "No camera can be used: there is none, or it was not allowed.");
    return;
  }
  video.srcObject = stream;
  video.hidden = false;
  shown.hidden = true;
  $("asking").hidden = true;
  $("camera").hidden = true;
  $("shoot").hidden = false;
  $("shoot").focus();
  await video.play();
});
$("shoot").addEventListener("click", () => {
  const canvas = make("canvas", { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext("2d").drawImage(video, 0, 0);
  canvas.toBlob((blob) => blob && tryImage(new File([blob], "camera.png", { type: "image/png" })));
});
