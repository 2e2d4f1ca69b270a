// Keeps the open inbox current. Everything on the page works without it.
"use strict";
(() => {
  const inbox = document.querySelector("[data-live]");
  if (!inbox || !window.EventSource) return;
  const news = document.getElementById("news");
  let reading = false;

  async function readAgain() {
    if (reading || inbox.contains(document.activeElement)) {
      news.textContent = news.dataset.text; // never pull a list away from under somebody's fingers
      return;
    }
    reading = true;
    try {
      const answer = await fetch(inbox.dataset.list, { headers: { "X-Part": "list" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      inbox.replaceChildren(...page.body.childNodes);
      news.textContent = news.dataset.text;
    } finally {
      reading = false;
    }
  }

  const feed = new EventSource(inbox.dataset.live);
  feed.addEventListener("item", readAgain);
  addEventListener("pagehide", () => feed.close());
})();
