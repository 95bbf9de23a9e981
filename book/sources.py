"""Read the files that people edit. What is wrong with one is said in a sentence: the file, what, the line, the remedy.

Every file of the book that a person may have touched (YAML, notebooks, markdown) is read here, or through
``book.pages``, which reads its text here.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

RESTORE = "restore it from git"
OF_ROOT = ("course.yml",)  # files of the folder of the book, as `_toc.yml` and `_config.yml` are
CONFLICT = re.compile(r"^(<{7}|\|{7}|>{7})( |$)", re.MULTILINE)
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# Parts of schemas
TEXT = {"type": "string", "minLength": 1}
MAPPING_OF_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}

KINDS = {
    "string": ("text", "put it in quotes"),
    "integer": ("a whole number", "write digits, without quotes"),
    "number": ("a number", "write digits, without quotes"),
    "boolean": ("true or false", "write one of these"),
    "array": ("a list", "write one entry a line, each after `- `"),
    "object": ("a mapping", "write lines such as `name: text` below it, indented"),
    "null": ("nothing", "leave it out"),
}


class BookError(Exception):
    """Something in the book's sources, or in a request, is wrong; the message says where, and what to do."""


def place(path: Path) -> str:
    """Return the name of a file for messages.

    >>> place(Path("/home/ada/cnn/chapters/zh/02_convolution.ipynb"))
    'chapters/zh/02_convolution.ipynb'
    >>> place(Path("/home/ada/cnn/_toc.yml"))
    '_toc.yml'
    """
    parts = path.parts
    if "chapters" in parts:
        return "/".join(parts[len(parts) - 1 - parts[::-1].index("chapters") :])
    return path.name if path.name.startswith("_") or path.name in OF_ROOT else "/".join(parts[-2:])


def fault(path: Path, what: str, line: int | None, remedy: str) -> str:
    """Return the one form of a message about a file."""
    where = f", line {line}" if line else ""
    return f"{place(path)}: {what}{where}; {remedy}"


def read_text(path: Path) -> str:
    """Read a text file, with or without a byte order mark, with line ends of any kind.

    Raises
    ------
    BookError
        If it cannot be read, is not UTF-8, is empty, or holds a merge conflict.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BookError(fault(path, f"cannot be read ({error.strerror})", None, RESTORE)) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        remedy = f"save it in that encoding, or {RESTORE}"
        raise BookError(fault(path, "cannot be read: it is not UTF-8", line, remedy)) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise BookError(fault(path, "the file is empty", None, RESTORE))
    if conflict := CONFLICT.search(text):
        remedy = "keep what is right and delete the lines that begin with <<<<<<<, ======= and >>>>>>>"
        raise BookError(fault(path, "unresolved merge conflict", line_at(text, conflict.start()), remedy))
    return text


def line_at(text: str, position: int) -> int:
    """Return the number of the line that holds a position of a text; the first is 1."""
    return text.count("\n", 0, position) + 1


def read_yaml(path: Path, schema: dict[str, Any]) -> Any:
    """Read a YAML file and check it against a JSON schema.

    Parameters
    ----------
    path
        The file.
    schema
        What the file must hold. Of JSON Schema, the words are known that `explained` explains.

    Raises
    ------
    BookError
        With a line for each thing that is wrong.
    """
    text = read_text(path)
    loader = None
    try:
        loader = LOADER(text)
        tree = loader.get_single_node()
        if tree is None:
            raise BookError(fault(path, "the file holds nothing but comments", None, RESTORE))
        if problems := list(key_faults(path, tree)):
            raise BookError("\n".join(problems))
        data = loader.construct_document(tree)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        remedy = "text that holds a colon, or begins with a mark, must stand in quotes; lists and texts must be aligned"
        raise BookError(fault(path, f"not valid YAML ({error.problem})", mark.line + 1, remedy)) from error
    except yaml.reader.ReaderError as error:
        what = f"not valid YAML (the character U+{error.character:04X} is not allowed)"
        raise BookError(fault(path, what, line_at(text, text.find(chr(error.character))), "delete it")) from error
    except (ValueError, RecursionError) as error:  # a date such as 2024-13-45; an alias within itself
        raise BookError(fault(path, f"not valid YAML ({error})", None, "put it in quotes")) from error
    finally:
        if loader is not None:
            loader.dispose()
    if problems := [
        fault(path, what, line_of(tree, keys), remedy) for keys, what, remedy in schema_faults(data, schema)
    ]:
        raise BookError("\n".join(problems))
    return data


def key_faults(path: Path, tree: yaml.Node) -> Iterator[str]:
    """Yield what is wrong with the names in a YAML file: YAML reads `no` as false, and keeps the last of two."""
    children = []
    if isinstance(tree, yaml.MappingNode):
        counts = Counter(key.value for key, _ in tree.value if isinstance(key, yaml.ScalarNode))
        for key, _ in tree.value:
            if key.tag != "tag:yaml.org,2002:str" and key.tag != "tag:yaml.org,2002:merge":
                shown = key.value if isinstance(key, yaml.ScalarNode) else "a list or mapping"
                yield fault(path, f"the name {shown!r} is not text", key.start_mark.line + 1, "put it in quotes")
            elif counts[key.value] > 1:
                counts[key.value] = 0  # say it once
                yield fault(path, f"`{key.value}` stands there twice", key.start_mark.line + 1, "delete one of them")
        children = [value for _, value in tree.value]
    elif isinstance(tree, yaml.SequenceNode):
        children = tree.value
    for child in children:
        yield from key_faults(path, child)


def line_of(tree: yaml.Node, keys: Sequence[str | int]) -> int:
    """Return the line of a value in a YAML file, or of the innermost thing around it that is there."""
    line = tree.start_mark.line
    for key in keys:
        if isinstance(tree, yaml.SequenceNode) and isinstance(key, int):
            tree = tree.value[key]
            line = tree.start_mark.line
        elif isinstance(tree, yaml.MappingNode):
            found = [(name, value) for name, value in tree.value if name.value == key]
            if not found:
                break
            line, tree = found[-1][0].start_mark.line, found[-1][1]
    return line + 1


def schema_faults(data: Any, schema: dict[str, Any]) -> Iterator[tuple[list[str | int], str, str]]:
    """Yield where data break a schema, what is wrong there, and what to do."""
    for error in sorted(
        Draft202012Validator(schema).iter_errors(data), key=lambda error: list(map(str, error.absolute_path))
    ):
        yield list(error.absolute_path), *explained(error)


def explained(error: ValidationError) -> tuple[str, str]:
    """Return what is wrong, and what to do."""
    name = named(error.absolute_path)
    if error.validator == "type":
        wanted = error.validator_value if isinstance(error.validator_value, str) else error.validator_value[0]
        return f"{name} is {kind_of(error.instance)}, not {KINDS[wanted][0]}", KINDS[wanted][1]
    if error.validator == "required":
        missing = next(field for field in error.validator_value if repr(field) in error.message)
        return f"{name} has no `{missing}`", "add it"
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        extra = next(field for field in error.instance if field not in known)
        meant = get_close_matches(extra, known, n=1)
        remedy = f"did you mean `{meant[0]}`?" if meant else "take it out;"
        return f"{name} has `{extra}`, which is not known", f"{remedy} there is: {', '.join(known)}"
    if error.validator in ("minLength", "minItems", "minProperties"):
        return f"{name} is empty", "fill it in"
    if error.validator == "enum":
        return f"{name} is {error.instance!r}", f"write one of: {', '.join(map(str, error.validator_value))}"
    if error.validator == "pattern":
        return f"{name} is {error.instance!r}", error.schema["description"]
    return f"{name}: {error.message}", RESTORE


def named(keys: Sequence[str | int]) -> str:
    """Return how a message calls a place in a file.

    >>> named([3, "zh", "term"])
    'entry 4: `zh.term`'
    >>> named([])
    'the file'
    """
    entries = [f"entry {key + 1}" for key in keys if isinstance(key, int)]
    names = ".".join(key for key in keys if isinstance(key, str))
    return ": ".join([*entries[:1], *([f"`{names}`"] if names else [])]) or "the file"


def kind_of(value: Any) -> str:
    """Return what a value is, in the words of a message."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int | float):
        return f"the number {value}"
    kinds = {str: "string", list: "array", dict: "object"}
    return KINDS[kinds[type(value)]][0] if type(value) in kinds else f"a {type(value).__name__}"


def run_command(action: Callable[[], int], kept: str) -> int:
    """Do what a command is for; say in a sentence if that fails or is stopped; return the exit status.

    Parameters
    ----------
    action
        Returns the exit status.
    kept
        What is left of the work, or what to do, if the disk or Ctrl-C ends it half-way.
    """
    try:
        return action()
    except BookError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"cannot write {error.filename or 'a file'}: {error.strerror}; {kept}", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"\ninterrupted; {kept}", file=sys.stderr)
        return 130
    return 1


def tell(check: Callable[[Path], list[str]], root: Path) -> int:
    """Print what a check finds wrong, a file that cannot be read too, and how much; return the exit status."""
    try:
        problems = check(root)
    except BookError as error:
        problems = str(error).splitlines()
    for line in problems:
        print(line)
    print(f"{len(problems)} to put right", file=sys.stderr)
    return 1 if problems else 0
