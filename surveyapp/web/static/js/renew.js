// A page that shows work under way loads itself anew every few seconds, until it is told to stop.
// It waits while somebody uses the keyboard on it, selects text, or looks at another tab.
const SECONDS = 5;
const KEY = "renewing is off";
const link = document.querySelector("[data-renew]");

function isInUse() {
  const isOnPage = document.activeElement === document.body || document.activeElement.id === "main";
  return document.hidden || !isOnPage || document.getSelection().type === "Range";
}

function start() {
  const timer = setInterval(() => {
    if (!isInUse()) {
      location.reload();
    }
  }, SECONDS * 1000);
  const stop = document.createElement("button");
  stop.type = "button";
  stop.className = "button-link";
  stop.textContent = link.dataset.renew;
  stop.addEventListener("click", () => {
    clearInterval(timer);
    sessionStorage.setItem(KEY, "1");
    stop.remove();
    link.hidden = false;
    link.focus();
  });
  link.hidden = true;
  link.after(stop);
}

if (link && !sessionStorage.getItem(KEY)) {
  start();
}
link?.addEventListener("click", () => sessionStorage.removeItem(KEY));
