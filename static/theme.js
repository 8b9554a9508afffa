/* Runs before the first paint: the chosen theme, else the device's. */
(function () {
  var root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)");
  function apply() {
    var pick = null;
    try { pick = localStorage.getItem("theme"); } catch (e) { /* storage may be closed */ }
    root.setAttribute("data-bs-theme", pick === "dark" || pick === "light" ? pick : dark.matches ? "dark" : "light");
  }
  root.classList.add("js");
  apply();
  dark.addEventListener("change", apply);
  window.addEventListener("storage", apply);
  document.addEventListener("theme:change", apply);
})();
