#!/bin/sh
# Start the course:  sh start.sh 02  (all options: sh start.sh --help)
#
# Finds a Python; the rest is in course/tools/start.py. Texts in double braces are filled in when the archive is made.

case ${PYTHON-} in
  '' | /*) ;;
  */*) PYTHON=$PWD/$PYTHON ;;
esac
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P) || exit 1
if ! cd -- "$here/course" 2>/dev/null || [ ! -f tools/python.sh ] || [ ! -f tools/start.py ]; then
  printf '%s\n' '{{torn}}' >&2
  exit 1
fi

SAY_ABSENT='{{absent}}'
SAY_NO_VENV='{{no-venv}}'
SAY_BROKEN='{{broken}}'
SAY_NONE='{{none}}'
export SAY_ABSENT SAY_NO_VENV SAY_BROKEN SAY_NONE

found=$(sh tools/python.sh "$here/.venv" "${PYTHON-}" 2>&1)
status=$?
if [ "$status" -ne 0 ]; then
  {
    printf '%s\n' '{{needed}}'
    printf '%s\n' "$found" | grep '^  '
    if [ "$status" -eq 3 ]; then
      printf '%s\n' '{{install-venv}}'
    else
      printf '%s\n' '{{install-python}}'
    fi
  } >&2
  exit 1
fi

exec "$found" -Es -m tools.start "$@"
