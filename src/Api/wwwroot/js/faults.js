// Reports an error of the page or the browser as what it is. This is a classic script in old syntax, so that it also
// runs where a browser is too old for the modules.

(function () {
  "use strict";

  function report(error) {
    var words = error && error.message ? error.name + ": " + error.message : String(error);
    var notice = document.getElementById("notice");
    notice.textContent = "Something failed in this page, not in the service (" + words + "). Please reload the page. "
      + "It needs Safari 15, Chrome 100 or Firefox 100, or a later version.";
    notice.hidden = false;
    document.getElementById("answer").setAttribute("aria-busy", "false");
  }

  // Capturing: a script that cannot be loaded fires an event that does not bubble.
  window.addEventListener("error", function (event) {
    if (event.error) {
      report(event.error);
    } else if (event.target.tagName === "SCRIPT") {
      report("its scripts did not load");
    }
  }, true);
  window.addEventListener("unhandledrejection", function (event) { report(event.reason); });
})();
