"""The app behind a warm, compressed and hardened server: what `yjdisp serve` starts."""

from __future__ import annotations

import base64
import gc
import gzip
import hashlib
import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from yjdisp import wording
from yjdisp.project import project_folder

FRONTEND = Path(st.__file__).parent / "static"
COMPRESSIBLE = {".js": "text/javascript", ".css": "text/css"}
FOREVER = "public, immutable, max-age=31536000"
LOG = logging.getLogger("yjdisp")


def serve(*, port: int = 8501, releases: Path | None = None) -> None:
    """Serve the dashboard on this machine until it is stopped.

    Args:
        releases: the folder of releases; a folder of the user's own, and the sample, where it is left out.
    """
    if releases is not None:
        os.environ["YJDISP_RELEASES"] = str(Path(releases).resolve())
    script = project_folder() / "app.py"
    sys.argv = [str(script)]  # Streamlit looks for .streamlit/config.toml beside the program that was started
    application = app(script)
    with _quiet():
        warm_up()
    application.run(config={"server.port": port, "server.headless": True})


def app(script: Path) -> st.App:
    """The ASGI application: app.py with compression, security headers, /healthz and a log without data."""
    logging.getLogger("streamlit.error_util").addFilter(_without_traceback)
    return st.App(
        script,
        routes=[Route("/healthz", _healthy)],
        middleware=[Middleware(SecurityHeaders, policy=content_policy()), Middleware(CompressedBundles)],
        on_script_error=_failed,
    )


def warm_up() -> None:
    """Load what the first visitor would wait for, and take it out of the garbage collector's sight."""
    from yjdisp import exports
    from yjdisp.baselines import BaselineError
    from yjdisp.comparison import ComparisonError
    from yjdisp.release import ReleaseError
    from yjdisp.ui import filters, library, results, shell  # noqa: F401  loading all of it is the point
    from yjdisp.vocabulary import CHARACTERISTICS

    first = next((entry.release for entry in library.found() if entry.release), None)
    if first:
        for by in (CHARACTERISTICS, ("ethnicity",)):
            with suppress(ReleaseError, BaselineError, ComparisonError):  # what it does not publish, its pages say
                results.compared(first, filters.usual(first, *by))
    exports.offered()
    gc.collect()
    gc.freeze()


@contextmanager
def _quiet() -> Iterator[None]:
    """Streamlit warns of every call outside a visit; the warm-up is one on purpose."""
    logger = logging.getLogger("streamlit")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


async def _healthy(request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


def _without_traceback(record: logging.LogRecord) -> bool:
    """A traceback can quote values: the log keeps the fact only. `_failed` says what and where."""
    record.exc_info = None
    return True


def _failed(error: Exception) -> bool:
    """Log the type and the page, tell the visitor, show nothing of the error."""
    LOG.error("%s on %s", type(error).__name__, (st.context.url or "").split("?")[0].rpartition("/")[2] or "overview")
    st.error(wording.FAILED, icon=":material/error:")
    return True


def content_policy() -> str:
    """A content security policy that lets in this server only; Streamlit's own inline scripts are known by their hashes."""
    page = (FRONTEND / "index.html").read_text(encoding="utf-8")
    inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", page, flags=re.DOTALL)
    hashes = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in inline)
    scripts = " ".join(["'self'", "blob:", *(f"'sha256-{digest}'" for digest in hashes)])
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class SecurityHeaders:
    """Adds the headers that Streamlit leaves to others."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self.app = app
        self.headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        await self.app(scope, receive, sending if scope["type"] == "http" else send)


class CompressedBundles:
    """Sends Streamlit's own scripts and styles compressed; their names hold a hash of what is in them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        folder = FRONTEND / "static"
        found = (path for path in folder.rglob("*") if path.suffix in COMPRESSIBLE)
        self.bundles = {path.relative_to(folder).as_posix(): path for path in found}
        self.compressed = cache(lambda path: gzip.compress(path.read_bytes()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        bundle = self._asked_for(scope)
        if bundle is None:
            await self.app(scope, receive, send)
            return
        body = await run_in_threadpool(self.compressed, bundle)
        headers = {"Content-Encoding": "gzip", "Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
        await Response(body, media_type=COMPRESSIBLE[bundle.suffix], headers=headers)(scope, receive, send)

    def _asked_for(self, scope: Scope) -> Path | None:
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        headers = Headers(scope=scope)
        if "gzip" not in headers.get("accept-encoding", "") or "range" in headers:
            return None
        return self.bundles.get(scope["path"].rpartition("/static/")[2])
