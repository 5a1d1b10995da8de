/** iOS lays its keyboard over the page without making the page smaller; this tells chat.css what is left. */

export function followVisibleHeight() {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const follow = () => {
    if (viewport.scale !== 1) return; // zoomed in to read, not to type
    const isCovered = innerHeight - viewport.height > 1;
    const { style } = document.documentElement;
    if (isCovered) style.setProperty("--visible-height", `${viewport.height}px`);
    else style.removeProperty("--visible-height");
    if (isCovered) scrollTo(0, 0);
  };
  viewport.addEventListener("resize", follow);
}
