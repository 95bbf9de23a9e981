"""Compare what nbval leaves out, and run the same code only once.

`nbval <https://nbval.readthedocs.io>`_ runs notebooks under pytest and compares their outputs with the stored ones,
but not pictures, and it passes cells that were never run. This plugin works beside it and does nothing unless asked::

    pytest --nbval-strict chapters

What ``--nbval-strict`` adds to ``--nbval``, which it implies:

- Pictures (PNG, JPEG) are compared as decoded pixels. Where they differ, the expected and the new picture and their
  difference are written to ``.nbval-failures/<notebook>/<cell>/`` (``--nbval-failures`` names another folder).
- Texts that differ are shown line by line; outputs must come in the stored order.
- These cells fail: never run; empty; with outputs in the stored notebook but none now, or the reverse, even where the
  output is ignored; with stderr, stored or new; skipped or ignored by a tag or a comment of nbval without a line
  ``# Not checked: <the reason>``. Cells ignored with a reason are listed at the end.
- Cells run as Jupyter runs them: a semicolon at the end hides a value, displays that are updated or cleared are. A
  kernel that dies is named within seconds, and the cells after it are not run.
- ``--nbval-strict-report FILE`` writes one HTML page of all failures (:mod:`nbval_strict.report`).
- ``--nbval-strict-accept`` stores the new outputs of cells that fail only because theirs differ;
  ``--nbval-strict-accept-cell NOTEBOOK::CELL`` those of one. The notebook as it was is kept with the failures.
- Notebooks of the same file name in sibling folders, such as ``en/01_start.ipynb`` and ``zh/01_start.ipynb``, whose
  code cells are the same, are executed once. The others are compared with the outputs of that execution.
  ``--nbval-each`` executes each by itself: do that where code reads files of its own folder. An execution that ended
  in a timeout or with a dead kernel is not used for another notebook.

A cell may ask for a tolerance, and has to say why: ``# Tolerance 1e-3: <the reason>`` for the numbers in its texts,
``# Picture tolerance 2: <the reason>`` for its pictures. The tags ``tolerance=1e-3`` and ``picture-tolerance=2`` do the
same, with the reason in a line ``# Tolerance: <the reason>``. Numbers may then differ by that share of the larger one,
and numbers with decimals by one unit of the last decimal shown, which rounding alone can cause; the words between the
numbers must be equal. Pictures may differ by that many levels: the root of the mean squared difference over all pixels
and channels, each 0 to 255.

Beside that, on x86-64 with AVX2 everything must be equal. Other machines add floating-point numbers in another order,
so there (``--nbval-equal=no`` acts as if this were one of them, ``yes`` as if it were not):

- Pictures may differ by ``--nbval-picture-tolerance``. The default, 0.7 levels, allows every edge in a figure to be
  smoothed differently by two levels, which makes 0.3 to 0.6. One changed digit of 10 points makes 1.5 in a figure of
  700 x 400 pixels; in one of four times that area it would pass.
- Numbers in the texts of cells tagged ``trained`` may differ by ``--nbval-number-tolerance``. The default, 0.05, is
  wide for an accuracy, and about what a loss needs: training enlarges each difference. Other cells get no tolerance:
  print fewer digits there, or ask for one.

With pytest-xdist, use ``--dist loadfile``: each worker shares executions only with itself.
"""

__version__ = "0.1.0"
