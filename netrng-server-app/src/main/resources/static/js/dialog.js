/** Dialogs that do something on the server and stay open while it refuses. */

/** @param act does it; what is wrong if it throws is shown */
export function openDialog(dialog, act) {
  const form = dialog.querySelector("form");
  const error = dialog.querySelector('[role="alert"]');
  let busy = false;
  form.reset();
  error.textContent = "";
  const run = async () => {
    if (busy || !form.reportValidity()) {
      return;
    }
    busy = true;
    error.textContent = "";
    try {
      await act();
      dialog.close();
    } catch (e) {
      error.textContent = e.message;
    } finally {
      busy = false;
    }
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    // Without a button that submits, Enter in a field is not enough.
    if (event.submitter) {
      run();
    }
  };
  dialog.querySelector('[data-act="cancel"]').onclick = () => dialog.close();
  const doIt = dialog.querySelector('[data-act="do"]');
  if (doIt) {
    doIt.onclick = run;
  }
  dialog.showModal();
}
