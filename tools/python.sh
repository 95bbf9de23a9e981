#!/bin/sh
# Print the path of a Python 3.11 to 3.13 that can make environments; if there is none, say what was found and where.
#
#   sh tools/python.sh FOLDER [PYTHON]
#
# An environment in FOLDER keeps its own version. A PYTHON that is named is the only one tried. Ends with 3 where only the
# modules venv and ensurepip are missing. What is found is described in the words of the variables SAY_…, if they are set.
# This is a shell script because it runs before there is a Python; the rest is in tools/environment.py.

folder=$1
named=$2
found=""
missing=""

version_of() { "$1" -Es -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null; }

# Debian's Python lacks ensurepip until python3-venv is installed.
can_make_environments() { "$1" -Es -c 'import ensurepip, venv' 2>/dev/null; }

note() { found="$found  $1
"; }

try() {
  path=$(command -v "$1") || { [ -n "$named" ] && note "$1: ${SAY_ABSENT:-no such program}"; return 0; }
  version=$(version_of "$path") || version=""
  case $version in
    3.11.* | 3.12.* | 3.13.*)
      if can_make_environments "$path"; then
        echo "$path"
        exit 0
      fi
      note "$path: Python $version, ${SAY_NO_VENV:-without the modules venv and ensurepip}"
      missing="$missing${missing:+ or }python${version%.*}-venv" ;;
    [0-9]*) note "$path: Python $version" ;;
    *) note "$path: ${SAY_BROKEN:-does not run, or is not Python}" ;;
  esac
}

if [ -n "$named" ]; then
  try "$named"
else
  [ -x "$folder/bin/python" ] && try "$folder/bin/python"
  # The outputs in the chapters were made by 3.11.
  for name in python3.11 python3.12 python3.13 python3 python; do
    try "$name"
  done
fi

{
  echo "Python 3.11, 3.12 or 3.13 is needed. Found${named:+ for PYTHON=$named}:"
  printf '%s' "${found:-  ${SAY_NONE:-none, under the names} python3.11, python3.12, python3.13, python3, python
}"
  if [ -n "$missing" ]; then
    echo "On Debian and Ubuntu the modules are a package of their own: apt-get install python3-venv"
    echo "(for a Python that is not the system's own: $missing)."
  else
    echo "Install one of them, or name one that lies elsewhere: make … PYTHON=/path/to/python3.12"
  fi
} >&2
[ -n "$missing" ] && exit 3
exit 1
