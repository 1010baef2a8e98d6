"""The rules of the house as checks over its source: each yields what breaks it, with its place.

Imports run evals -> bot -> ingest and, inside bot, only downwards; a vendor's name stays in the
files that are there for it.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache, cached_property
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from pathlib import Path

ROOMS = ("bot", "ingest", "evals")
LONGEST_MODULE = 400  # lines; a signal to split comes at 300
LONGEST_FUNCTION = 60  # lines; at 40

MAY_IMPORT = {
    "domain": {"domain"},
    "ports": {"ports", "domain"},
    "services": {"services", "ports", "domain"},
    "adapters": {"adapters", "ports", "domain"},
    "channels": {"channels", "services", "ports", "domain"},
    "apps": {"apps", "channels", "adapters", "services", "ports", "domain", "ingest"},
    "ingest": {"ingest"},
    "evals": {"evals", "apps", "channels", "adapters", "services", "ports", "domain", "ingest"},
}
# The adapters that read what ingest wrote, or encode as it did.
INGEST_READERS = (
    "bot/adapters/snapshot_*.py",
    "bot/adapters/ranking.py",
    "bot/adapters/space_similarity.py",
)
# `firstline eval` is a command of the bot.
EVAL_COMMAND = "bot/cli.py"

MARKDOWN = [
    "ingest/blocks.py",
    "ingest/html.py",
    "ingest/inline.py",
    "ingest/markdown*.py",
    "ingest/parsing.py",
]
# Where a vendor's name may stand; `*` also matches `/`.
VENDORS: Mapping[str, Sequence[str]] = {
    "aiohttp": ["bot/channels/slack/*"],
    "aiosmtplib": ["bot/adapters/smtp_mailer.py"],
    "argon2": ["bot/adapters/argon2_passwords.py"],
    "cryptography": ["bot/adapters/fernet_seals.py", "bot/channels/feishu/encryption.py"],
    "alembic": ["bot/adapters/sql_store/*", "bot/migrations/*"],
    "babel": ["bot/services/deadline_words.py"],
    "cycler": ["evals/plots.py"],
    "dingtalk_stream": ["bot/channels/dingtalk/*"],
    "faiss": ["ingest/dense.py", "evals/bench/*"],
    "fastapi": ["bot/app.py", "bot/server.py", "bot/channels/*"],
    "holidays": ["bot/adapters/public_holidays.py"],
    "httpx": ["bot/adapters/desk_http.py", "bot/channels/dingtalk/*", "bot/channels/feishu/*"],
    "imap_tools": ["bot/channels/mail/imap.py"],
    "inscriptis": ["bot/channels/mail/html.py"],
    "ir_measures": ["evals/metrics.py"],
    "jinja2": ["evals/report.py"],
    "jwt": ["bot/adapters/jwt_identity.py"],
    "langchain": ["bot/adapters/langchain_*.py", "ingest/embedding/langchain.py"],
    "langchain_community": ["evals/bench/*"],
    "langchain_core": [
        "bot/adapters/langchain_*.py",
        "ingest/embedding/*",
        "evals/bench/*",
    ],
    "langchain_text_splitters": ["evals/bench/*"],
    "lark_oapi": ["bot/channels/feishu/*"],
    "lxml": ["bot/channels/mail/html.py"],
    "mailparser_reply": ["bot/channels/mail/quoting.py"],
    "markdown_it": [
        *MARKDOWN,
        "bot/adapters/article_html.py",
        "bot/channels/chat/markdown*.py",
        "bot/channels/mail/rendering.py",
    ],
    "markupsafe": ["evals/report.py"],
    "matplotlib": ["evals/plots.py"],
    "mdit_py_plugins": MARKDOWN,
    "nh3": ["bot/adapters/article_html.py", "bot/channels/*", "ingest/html.py"],
    "numpy": ["bot/adapters/*", "ingest/*", "evals/*"],
    "onnx": ["ingest/embedding/onnx_*.py"],
    "onnxruntime": ["ingest/embedding/onnx_*.py"],
    "onnxruntime_extensions": ["ingest/embedding/onnx_*.py"],
    "opencc": ["bot/services/language.py", "ingest/lexical.py"],
    "phonenumbers": ["bot/services/personal_data.py"],
    "playwright": ["evals/bench/*"],
    "prometheus_client": ["bot/adapters/prometheus.py"],
    "py3langid": ["bot/services/language.py"],
    "pyotp": ["bot/adapters/totp_codes.py"],
    "pypinyin": ["ingest/sounds.py"],
    "pydantic": [
        "bot/settings.py",
        "bot/sections/*",
        "bot/channels/*",
        "bot/adapters/jwt_identity.py",
        "bot/adapters/langchain_*.py",
    ],
    "pydantic_settings": ["bot/settings.py", "bot/sections/*"],
    "rich": ["bot/cli.py", "bot/commands/*", "bot/channels/terminal*", "evals/*"],
    "segno": ["bot/channels/inbox/account.py"],
    "sentence_transformers": [
        "bot/adapters/sentence_transformers*.py",
        "ingest/embedding/sentence_transformers.py",
        "evals/bench/*",
    ],
    "scipy": ["evals/fit_*.py", "evals/metrics.py"],
    "sklearn": ["evals/fit_*.py"],
    "slack_bolt": ["bot/channels/slack/*"],
    "slack_sdk": ["bot/channels/slack/*"],
    "stdnum": ["bot/services/personal_data.py"],
    "sqlalchemy": ["bot/adapters/sql_store/*", "bot/migrations/*"],
    "standardwebhooks": ["bot/adapters/standard_webhooks.py"],
    "starlette": ["bot/app.py", "bot/middleware.py", "bot/server.py", "bot/channels/*"],
    "tenacity": ["bot/adapters/*"],
    "websockets": ["bot/channels/dingtalk/*"],
    "Stemmer": ["bot/services/wording.py", "ingest/lexical.py"],
    "sentencepiece": ["ingest/embedding/onnx_e5.py"],
    "tokenizers": ["ingest/embedding/onnx_*.py"],
    "typer": ["bot/cli.py", "bot/commands/*", "evals/*"],
    "uvicorn": ["bot/server.py"],
    "yaml": ["ingest/front_matter.py", "ingest/glossary.py", "ingest/parsing.py"],
}
# Where a distribution is not called as what it lets one import.
DISTRIBUTIONS = {
    "argon2": "argon2-cffi",
    "faiss": "faiss-cpu",
    "jwt": "pyjwt",
    "mailparser_reply": "mail-parser-reply",
    "markdown_it": "markdown-it-py",
    "sklearn": "scikit-learn",
    "phonenumbers": "phonenumberslite",
    "stdnum": "python-stdnum",
    "Stemmer": "pystemmer",
    "yaml": "pyyaml",
}
UNSAFE_MODULES = {"dill", "joblib", "marshal", "pickle", "shelve"}
UNSAFE_CALLS = {"compile", "eval", "exec", "os.popen", "os.system"}
# Hidden from the checks above; evals stands on top, where no direction can be broken.
HIDDEN_IMPORTS = {"__import__", "import_module", "importlib.import_module"}
UNSAFE_KEYWORDS = {"allow_pickle", "shell"}


@dataclass(frozen=True)
class Import:
    target: str  # a module of ours as far as it is known, otherwise as written
    line: int
    in_function: bool


@dataclass(frozen=True)
class Module:
    path: str  # below the root
    source: str
    tree: ast.Module
    siblings: frozenset[str]  # the names of all modules

    @property
    def name(self) -> str:
        return _module_name(self.path)

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        lazy = {
            id(node)
            for function in self.functions
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        return tuple(
            Import(target, node.lineno, id(node) in lazy)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for target in self._targets(node)
        )

    @cached_property
    def functions(self) -> tuple[ast.FunctionDef | ast.AsyncFunctionDef, ...]:
        kinds = ast.FunctionDef | ast.AsyncFunctionDef
        return tuple(node for node in ast.walk(self.tree) if isinstance(node, kinds))

    def _targets(self, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif not node.level:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in self.siblings else str(node.module)


Check = Callable[[Path], Iterator[str]]


def read(root: Path) -> list[Module]:
    paths = sorted(
        path.relative_to(root).as_posix() for room in ROOMS for path in (root / room).rglob("*.py")
    )
    names = frozenset(_module_name(path) for path in paths)
    sources = {path: (root / path).read_text("utf-8") for path in paths}
    return [_module(path, text, names) for path, text in sources.items()]


@cache
def _module(path: str, text: str, names: frozenset[str]) -> Module:
    """Each check reads the house anew; what is the same is taken apart once."""
    return Module(path, text, ast.parse(text, path), names)


def _module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def floor_of(module: str) -> str | None:
    """None for the package `bot` itself, which only states the version, and for vendors."""
    room, *rest = module.split(".")
    if room in ("ingest", "evals"):
        return room
    if room != "bot" or not rest:
        return None
    if rest[0] == "migrations":
        return "adapters"  # of the database, found there by Alembic
    return rest[0] if rest[0] in MAY_IMPORT else "apps"


def check_directions(root: Path) -> Iterator[str]:
    for module in read(root):
        floor = floor_of(module.name)
        for found in module.imports:
            target = floor_of(found.target)
            if target is None or (floor and target in MAY_IMPORT[floor]):
                continue
            if not _is_excepted(module, found, target):
                yield f"{module.path}:{found.line}: {floor or 'bot'} imports {found.target}"


def _is_excepted(module: Module, found: Import, target: str) -> bool:
    if target == "evals":
        return module.path == EVAL_COMMAND and found.in_function
    return target == "ingest" and any(fnmatch(module.path, reader) for reader in INGEST_READERS)


def check_cycles(root: Path) -> Iterator[str]:
    modules = read(root)
    names = {module.name for module in modules}
    graph = {
        module.name: {found.target for found in module.imports} & names - {module.name}
        for module in modules
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield "import cycle: " + " <- ".join(error.args[1])


def check_relative_imports(root: Path) -> Iterator[str]:
    for module in read(root):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom) and node.level:
                yield f"{module.path}:{node.lineno}: relative import"


def check_vendors(root: Path) -> Iterator[str]:
    for module, found, vendor in _foreign_imports(root):
        if not any(fnmatch(module.path, allowed) for allowed in VENDORS.get(vendor, ())):
            yield (
                f"{module.path}:{found.line}: {vendor} belongs in "
                + (" or ".join(VENDORS.get(vendor, ())) or "no file yet: give it one in VENDORS")
            )


def check_declared(root: Path) -> Iterator[str]:
    """What runs is declared in pyproject.toml and does not come along by luck."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project.get("optional-dependencies", {})
    runtime = (names for extra, names in extras.items() if extra != "dev")
    declared = {
        re.split(r"[\[; ]", requirement)[0].lower()
        for requirement in chain(project["dependencies"], *runtime)
    }
    for module, found, vendor in _foreign_imports(root):
        distribution = DISTRIBUTIONS.get(vendor, vendor.replace("_", "-"))
        if distribution not in declared:
            yield f"{module.path}:{found.line}: {distribution} is not in pyproject.toml"


def _foreign_imports(root: Path) -> Iterator[tuple[Module, Import, str]]:
    for module in read(root):
        for found in module.imports:
            vendor = found.target.partition(".")[0]
            if vendor not in ROOMS and vendor not in sys.stdlib_module_names:
                yield module, found, vendor


def check_unsafe(root: Path) -> Iterator[str]:
    for module in read(root):
        for found in module.imports:
            if found.target.partition(".")[0] in UNSAFE_MODULES:
                yield f"{module.path}:{found.line}: {found.target}"
        unsafe = UNSAFE_CALLS | (set() if module.name.startswith("evals.") else HIDDEN_IMPORTS)
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call):
                for what in _unsafe_parts(node, unsafe):
                    yield f"{module.path}:{node.lineno}: {what}"


def _unsafe_parts(call: ast.Call, unsafe: set[str]) -> Iterator[str]:
    called = ast.unparse(call.func)
    if called in unsafe:
        yield f"{called}()"
    for keyword in call.keywords:
        off = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
        if keyword.arg in UNSAFE_KEYWORDS and not off:
            yield f"{keyword.arg}="


def check_sizes(root: Path) -> Iterator[str]:
    for module in read(root):
        lines = len(module.source.splitlines())
        if lines > LONGEST_MODULE:
            yield f"{module.path}: {lines} lines, at most {LONGEST_MODULE}: split it"
        for function in module.functions:
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            if lines > LONGEST_FUNCTION:
                where = f"{module.path}:{function.lineno}: {function.name}"
                yield f"{where}: {lines} lines, at most {LONGEST_FUNCTION}: split it"


CHECKS: Sequence[Check] = (
    check_directions,
    check_cycles,
    check_relative_imports,
    check_vendors,
    check_declared,
    check_unsafe,
    check_sizes,
)
