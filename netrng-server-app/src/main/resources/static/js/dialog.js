/** Dialogs that send a request to the server and stay open if it fails. */

/** @param act sends the request; the message of its error is shown */
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
    // In a dialog without a submit button, Enter in a field does nothing.
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
