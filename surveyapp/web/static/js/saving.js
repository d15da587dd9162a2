// What is typed is saved while the page is open; its buttons save all of it again, so nothing
// depends on this. What cannot be sent is tried again until it arrives.
const PAUSE = 1500;
const LONGEST = 60000;
const form = document.querySelector("form[data-quiet]");
const line = form?.querySelector(".quiet-state");
let timer;
let wait = PAUSE;
let isChanged = false;
let isBusy = false;
let isLost = false;
let isStopped = false;

function typed() {
  const data = new FormData(form);
  for (const field of form.querySelectorAll("input[type=file]")) {
    data.delete(field.name);
  }
  return data;
}

async function save(keepalive = false) {
  clearTimeout(timer);
  if (!isChanged || isBusy || isStopped) {
    return;
  }
  [isBusy, isChanged] = [true, false];
  try {
    const reply = await fetch(form.dataset.quiet, { method: "POST", body: typed(), keepalive });
    const said = await reply.json();
    form.elements.page_token.value = said.token || form.elements.page_token.value;
    [isStopped, isLost, wait] = [said.state !== "saved", false, PAUSE];
    line.textContent = said.text;
  } catch {
    // no network, or a server that is not itself: the same words until one reply is understood
    [isChanged, isLost, wait] = [true, true, Math.min(wait * 2, LONGEST)];
    line.textContent = line.dataset.lost;
  }
  isBusy = false;
  soon();
}

function soon() {
  clearTimeout(timer);
  if (isChanged && !isStopped) {
    timer = setTimeout(save, wait);
  }
}

function note(event) {
  isChanged = isChanged || event.target.type !== "file";
  soon();
}

async function leave(event) {
  if (isLost) {
    // the browser would leave this page for its own about the lost network
    event.preventDefault();
    await save();
    if (!isLost) {
      form.requestSubmit(event.submitter);
    }
    return;
  }
  isStopped = true;
}

form?.addEventListener("input", note);
form?.addEventListener("change", note);
form?.addEventListener("submit", leave);
window.addEventListener("online", () => save());
document.addEventListener("visibilitychange", () => document.hidden && save(true));
// a page that comes back from the browser's memory was left, and goes on
window.addEventListener("pageshow", (event) => event.persisted && (isStopped = false));
