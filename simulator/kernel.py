"""Numba's flags in one place, and a cache that cannot go stale.

Numba reuses a cached kernel although a function it calls in another file has changed. The cache folder is therefore
named by a digest of the package's sources: an edit compiles anew, and old folders are swept away. It lies in the user's
cache, or where the environment variable LEDGERFOLK_CACHE says.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba import types
from platformdirs import user_cache_path

_KEPT = 8


def source_digest() -> str:
    """Digest of every Python source of the simulator package and of numba's version."""
    digest = hashlib.sha256(numba.__version__.encode())
    root = Path(__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _cache_folder() -> Path:
    """A writable folder for compiled kernels, named by the sources; older ones are removed."""
    name = f"kernels-{source_digest()}"
    wanted = [Path(os.environ["LEDGERFOLK_CACHE"])] if os.environ.get("LEDGERFOLK_CACHE") else []
    shared = Path(tempfile.gettempdir()) / f"ledgerfolk-{os.getuid() if hasattr(os, 'getuid') else 0}"
    for root in (*wanted, user_cache_path("ledgerfolk"), shared):
        try:
            folder = root / name
            folder.mkdir(parents=True, exist_ok=True)
            os.utime(folder)
            for old in sorted(root.glob("kernels-*"), key=lambda path: path.stat().st_mtime)[:-_KEPT]:
                shutil.rmtree(old, ignore_errors=True)
            return folder
        except OSError:
            continue
    return Path(tempfile.mkdtemp(prefix="ledgerfolk-"))


CACHE = _cache_folder()
numba.config.CACHE_DIR = str(CACHE)  # type: ignore[attr-defined]


_njit: Any = numba.njit
"""Numba's decorator; its types know neither `_nrt` nor that kernels take NumPy's scalars where they say int."""


def _by_kind(compiled: Any) -> Any:
    """Compile once for all constants and enumerations that a piece is called with, not once for each."""
    if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
        return compiled
    typed = compiled.get_call_template

    def plain(kind: Any) -> Any:
        kind = types.unliteral(kind)  # type: ignore[no-untyped-call]
        return kind.dtype if isinstance(kind, types.IntEnumMember) else kind

    def get_call_template(args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
        return typed(tuple(map(plain, args)), {name: plain(kind) for name, kind in kws.items()})

    compiled.get_call_template = get_call_template
    return compiled


def kernel[R](function: Callable[..., R]) -> Callable[..., R]:
    """Compile a function over columns: cached, without the GIL, with NumPy's integer semantics; it cannot allocate."""
    compiled: Callable[..., R] = _njit(cache=True, nogil=True, error_model="numpy", _nrt=False, no_cfunc_wrapper=True)(function)
    _by_kind(compiled)
    return compiled


_PIECE = {"error_model": "numpy", "nogil": True, "_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def step[R](function: Callable[..., R]) -> Callable[..., R]:
    """A piece of a kernel that runs seldom: called by kernels alone, so that it compiles apart and quickly."""
    compiled: Callable[..., R] = _by_kind(_njit(**_PIECE)(function))
    return compiled


def part[R](function: Callable[..., R]) -> Callable[..., R]:
    """A piece of a kernel that receives populations whole: LLVM writes it into its caller, for passing them costs more than the work."""
    compiled: Callable[..., R] = _by_kind(_njit(**_PIECE, forceinline=True)(function))
    return compiled


def is_compiled() -> bool:
    """Whether the cache already holds kernels for these sources."""
    return any(CACHE.rglob("*.nbc"))
