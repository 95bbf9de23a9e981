"""What other versions of TensorFlow and its companions change in the chapters: run, look, accept.

``python -m tools.upgrade`` is what ``make upgrade-report`` calls. It runs the English chapters, writes nothing into
them, and leaves one page of what differs: ``.upgrade/report.html``. ``python -m tools.upgrade --accept CELL`` stores
the outputs of that run for the cells that are right, in every language.
"""
