/** Puts the chat on a shop's own page: `<script src="https://…/embed.js" async></script>`. Nothing of that page is changed. */

(() => {
  const home = new URL(document.currentScript.src).origin;
  const names = { zh: "联系售后", tw: "聯絡售後", en: "Support" };
  const tag = (document.documentElement.lang || navigator.language).toLowerCase();
  const word = !tag.startsWith("zh") ? names.en : /hant|tw|hk|mo/.test(tag) ? names.tw : names.zh;

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  root.innerHTML = `
    <style>
      :host { all: initial; position: fixed; inset: auto 0 0 auto; z-index: 2147483000; }
      button { all: unset; box-sizing: border-box; cursor: pointer; display: grid; place-items: center; border-radius: 50%; }
      button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px #000; }
      .open { position: fixed; right: 20px; bottom: calc(20px + env(safe-area-inset-bottom)); width: 60px; height: 60px;
        background: var(--color); color: var(--on-color); box-shadow: 0 4px 16px rgba(0, 0, 0, .3); }
      .panel { position: fixed; right: 20px; bottom: 92px; width: 400px; height: min(680px, calc(100vh - 112px));
        border-radius: 16px; overflow: hidden; background: #f4efe7; box-shadow: 0 8px 40px rgba(0, 0, 0, .35); }
      .panel[hidden] { display: none; }
      .close { position: absolute; top: 7px; right: 7px; width: 44px; height: 44px; color: #2a2520; }
      .close:hover { background: rgba(127, 127, 127, .2); }
      iframe { display: block; width: 100%; height: 100%; border: 0; }
      svg { width: 28px; height: 28px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
      .close svg { width: 20px; height: 20px; }
      @media (prefers-color-scheme: dark) { .panel { background: #181614; } .close { color: #efe9e1; } }
      @media (max-width: 520px) { .panel { inset: 0; width: 100%; height: 100%; border-radius: 0; } }
    </style>
    <button class="open" type="button" aria-expanded="false"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 5h16v11H9l-5 4z"/></svg></button>
    <div class="panel" role="dialog" hidden>
      <button class="close" type="button"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 5l14 14M19 5 5 19"/></svg></button>
    </div>`;
  const [open, panel, close] = [".open", ".panel", ".close"].map((one) => root.querySelector(one));
  const closing = { zh: "关闭", tw: "關閉", en: "Close" };
  close.setAttribute("aria-label", closing[Object.keys(names).find((key) => names[key] === word)]);
  name(word);

  open.addEventListener("click", () => (panel.hidden ? show() : hide()));
  close.addEventListener("click", hide);
  root.addEventListener("keydown", ({ key }) => key === "Escape" && hide());
  addEventListener("message", ({ origin, data }) => origin === home && data === "shouhou:close" && hide());

  fetch(`${home}/api/shop`)
    .then((answer) => answer.json())
    .then((shop) => {
      name(`${shop.name} · ${word}`);
      host.style.setProperty("--color", shop.color);
      host.style.setProperty("--on-color", shop.on_color);
      (document.body ?? document.documentElement).append(host);
    })
    .catch(() => {}); // the shop's page is better without a button that leads nowhere

  function name(label) {
    open.setAttribute("aria-label", label);
    panel.setAttribute("aria-label", label);
  }

  function show() {
    if (!panel.querySelector("iframe")) panel.prepend(Object.assign(document.createElement("iframe"), { src: `${home}/`, title: word }));
    panel.hidden = false;
    open.setAttribute("aria-expanded", "true");
    close.focus();
  }

  function hide() {
    if (panel.hidden) return;
    panel.hidden = true;
    open.setAttribute("aria-expanded", "false");
    open.focus();
  }
})();
