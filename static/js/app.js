// Every behaviour is a module of its own that listens on the document, so swapped-in pieces need no set-up.
import "./alt-texts.js";
import "./clock.js";
import "./confirm.js";
import "./copy.js";
import "./dialogs.js";
import "./flash.js";
import "./forms.js";
import "./live.js";
import "./menus.js";
import "./refreshes.js";
import "./restoring.js";
import "./scrolling.js";
import "./search.js";
import "./shortcuts.js";
import "./toasts.js";
import "./tokens.js";
