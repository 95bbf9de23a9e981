"""Rules about code: no pickle, no shell, and nothing in a notebook that writes a file.

Each rule takes a syntax tree and returns what it objects to, with the line. They read names, not values: code that
hides what it calls, in `getattr` or `exec`, gets past them.
"""

import ast
import re
import zipfile

import numpy as np
from IPython.core.inputtransformer2 import TransformerManager

PICKLES = {"pickle", "_pickle", "cPickle", "pickle5", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
PICKLE_CALLS = re.compile(r"(^|\.)(read_pickle|to_pickle|enable_unsafe_deserialization)$")
PICKLE_FILES = {".pkl", ".pickle", ".joblib", ".dill", ".shelve", ".marshal", ".npy", ".pt", ".pth"}

SHELLS = {"subprocess", "pty", "pexpect", "sh", "commands", "IPython.utils.process"}
SHELL_CALLS = re.compile(
    r"^(os|posix)\.(system|popen|exec[lv]\w*|spawn\w+|posix_spawnp?|fork|forkpty|startfile)$"
    r"|^asyncio\.(subprocess\.)?create_subprocess_\w+$|^\w*\.?get_ipython\.(system|getoutput|getoutput_pexpect|\w*magic)$"
)
MAGICS_ALLOWED = {"matplotlib"}

WRITERS = {"shutil", "tempfile", "sqlite3", "dbm"}  # imported in a notebook for nothing but writing
WRITE_CALLS = re.compile(
    r"(^|\.)(write_text|write_bytes|mkdir|makedirs|touch|unlink|rmdir|removedirs|rmtree|renames?|symlink(_to)?"
    r"|hardlink_to|l?chmod|savefig|imsave|imwrite|save_img|savetxt|savez|savez_compressed|save|save_weights|save_model"
    r"|tofile|memmap|write_file|write_png|write_jpeg|urlretrieve|get_file|extractall|export|to_(csv|json|excel|hdf|parquet)"
    r"|FileHandler|ModelCheckpoint|CSVLogger|TensorBoard|BackupAndRestore|create_file_writer)$"
    r"|^os\.(open|mkfifo|mknod|remove|replace|link|truncate|chown)$"
)
OPENERS = re.compile(r"(^|\.)(open|fdopen|FileIO|ZipFile|TarFile|GzipFile|BZ2File|LZMAFile|File|GFile)$")
METHOD = re.compile(r"(?!(io|os|gzip|bz2|lzma|tarfile|codecs)\.).*\.open")
READING = re.compile(r"[rbtU]{1,3}(:\w*|\|\w*)?")
WRITING = re.compile(r"(?=[rbtU]*[wax+])[rwaxbtU+]{1,4}([:|]\w*)?")


def parse(source: str) -> ast.Module:
    """Parse a module."""
    return ast.parse(source)


def parse_cell(source: str) -> ast.Module:
    """Parse a code cell; magics and `!` become the calls that IPython makes of them."""
    return ast.parse(TransformerManager().transform_cell(source))


def imports(tree):
    """Yield each imported name in full, and the node: `os.path` for `from os import path`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((name.name, node) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module or ''}.{name.name}", node) for name in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in (
            "__import__",
            "import_module",
        ):
            yield from ((each.value, node) for each in node.args if isinstance(each, ast.Constant))


def aliases(tree):
    """Map the names that imports bind to what they stand for: `np` to `numpy`."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.asname: name.name for name in node.names if name.asname}
        elif isinstance(node, ast.ImportFrom):
            found |= {name.asname or name.name: f"{node.module or ''}.{name.name}" for name in node.names}
    return found


def full_name(node, known):
    """The dotted name of an expression, with what imports renamed put back; `?` for what is not a name."""
    if isinstance(node, ast.Name):
        return known.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        return f"{full_name(node.value, known)}.{node.attr}"
    if isinstance(node, ast.Call) and full_name(node.func, known).endswith("get_ipython"):
        return "get_ipython"
    return "?"


def names(tree):
    """Yield the full name of each attribute, called or handed on, and of each called name, with the node."""
    known = aliases(tree)
    called = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) or id(node) in called:
            yield full_name(node, known), called.get(id(node), node)


def keywords(node):
    return {each.arg: each.value for each in getattr(node, "keywords", [])}


def is_false(node):
    return isinstance(node, ast.Constant) and node.value is False


def is_true(node):
    return isinstance(node, ast.Constant) and node.value is True


def within(name, modules):
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def report(findings):
    return sorted({f"line {node.lineno}: {name}" for name, node in findings})


def no_pickle(tree):
    """Nothing that reads or writes pickles: reading one runs whatever code it names."""
    findings = [(name, node) for name, node in imports(tree) if within(name, PICKLES)]
    for name, node in names(tree):
        options = keywords(node)
        if PICKLE_CALLS.search(name):
            findings.append((name, node))
        if name == "numpy.load" and isinstance(node, ast.Call) and not is_false(options.get("allow_pickle")):
            findings.append(("numpy.load without allow_pickle=False", node))
        if name == "torch.load" and not is_true(options.get("weights_only")):
            findings.append(("torch.load without weights_only=True", node))
        if "allow_pickle" in options and not is_false(options["allow_pickle"]):
            findings.append(("allow_pickle", node))
        if is_false(options.get("safe_mode")):
            findings.append(("safe_mode=False", node))
    return report(findings)


def no_shell(tree):
    """No other program is started, and a notebook uses no magic but those allowed."""
    findings = [(name, node) for name, node in imports(tree) if within(name, SHELLS) or SHELL_CALLS.search(name)]
    findings += [(name, node) for name, node in names(tree) if SHELL_CALLS.search(name) and not allowed_magic(node)]
    return report(findings)


def starts_only(program, tree):
    """Tell whether every program is started by `subprocess`, as a list that begins with this, written as in code."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    runs = [node for node in calls if ast.unparse(node.func) in ("subprocess.run", "subprocess.Popen")]
    shells = [node for node in calls if SHELL_CALLS.search(ast.unparse(node.func)) and node not in runs]
    return not shells and all(
        node.args
        and isinstance(node.args[0], ast.List)
        and ast.unparse(node.args[0].elts[0]) == program
        and not any(keyword.arg == "shell" for keyword in node.keywords)
        for node in runs
    )


def allowed_magic(node):
    first = node.args[0] if isinstance(node, ast.Call) and node.args else None
    return isinstance(first, ast.Constant) and first.value in MAGICS_ALLOWED


def no_writes(tree):
    """No file is written, made, renamed or removed."""
    findings = [(name, node) for name, node in imports(tree) if within(name, WRITERS) or WRITE_CALLS.search(name)]
    findings += [(name, node) for name, node in names(tree) if WRITE_CALLS.search(name)]
    findings += [(name, node) for name, node in names(tree) if OPENERS.search(name) and opens_to_write(name, node)]
    return report(findings)


def opens_to_write(name, node):
    """Tell whether a call opens a file for writing, or in a mode that cannot be read off."""
    if not isinstance(node, ast.Call):
        return False
    mode = keywords(node).get("mode")
    if mode is None and name in ("open", "io.open") and len(node.args) > 1:
        mode = node.args[1]
    if mode is not None:
        return not (isinstance(mode, ast.Constant) and READING.fullmatch(str(mode.value)))
    # The mode comes second, after the file; only in the method `path.open` it comes first.
    places = node.args[:2] if METHOD.fullmatch(name) else node.args[1:2]
    return any(isinstance(each, ast.Constant) and WRITING.fullmatch(str(each.value)) for each in places)


def pickled_arrays(path):
    """List the arrays of an .npz file that hold Python objects, which NumPy stores as pickles; reads only headers."""
    found = []
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            with archive.open(name) as file:
                if not name.endswith(".npy"):
                    found.append(f"{name}: not an array")
                elif header_dtype(file).hasobject:
                    found.append(f"{name}: Python objects")
    return found


def header_dtype(file):
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    return read(file)[2]
