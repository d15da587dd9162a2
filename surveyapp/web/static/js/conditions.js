// Questions come and go as the answers on the page ask for them. The server decides again when the
// page is sent, so nothing depends on this.
import { answerOn } from "./answers.js";
import { evaluate } from "./expressions.js";

const form = document.querySelector("form[data-rules]");
const items = form ? JSON.parse(form.dataset.rules) : [];

function element(item) {
  return document.getElementById(`question-${item.id}`);
}

function tell(words) {
  const news = document.createElement("p");
  news.className = "visually-hidden";
  news.setAttribute("role", "status");
  form.append(news);
  // a region is listened to from when it is there; words that come with it may go unheard
  setTimeout(() => news.append(words));
}

function show(item) {
  if (isThere(item)) {
    return;
  }
  const waiting = form.querySelector(`template[data-item="${CSS.escape(item.id)}"]`);
  if (waiting) {
    waiting.replaceWith(waiting.content);
    tell(form.dataset.news);
  }
  element(item)?.removeAttribute("hidden");
}

function hide(item) {
  element(item)?.setAttribute("hidden", "");
}

function isThere(item) {
  return Boolean(element(item)) && !element(item).hidden;
}

function follow() {
  const answers = {};
  for (const item of items) {
    if (item.rule && item.rule !== "server") {
      (evaluate(item.rule, answers) === true ? show : hide)(item);
    }
    for (const asked of isThere(item) ? item.answers : []) {
      const answer = answerOn(form, asked);
      if (answer !== undefined) {
        answers[asked.id] = answer;
      }
    }
  }
}

form?.addEventListener("input", follow);
form?.addEventListener("change", follow);
// a browser that comes back to a page fills it in again after the scripts have run
window.addEventListener("pageshow", follow);
