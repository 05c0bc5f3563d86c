"""Office files are zip archives: the same content always gives the same bytes, and the language is said."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import datetime

from yjdisp.exports.content import LANGUAGE

EPOCH = (1980, 1, 1, 0, 0, 0)
CORE = "docProps/core.xml"
TIMES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")


def packed(members: Mapping[str, bytes]) -> bytes:
    """A zip archive of some members, in their order, without the time of its making."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            member = zipfile.ZipInfo(name, EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            archive.writestr(member, content)
    return target.getvalue()


def unpacked(archive: bytes) -> dict[str, bytes]:
    """The members of a zip archive."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def finished(office: bytes, made: datetime) -> bytes:
    """An office file made at a given moment, whose properties and texts say that they are in British English."""
    members = unpacked(office)
    core = TIMES.sub(rf"\g<1>{made:%Y-%m-%dT%H:%M:%SZ}\g<2>".encode(), members[CORE])
    if b"<dc:language>" not in core:
        said = f"<dc:language>{LANGUAGE}</dc:language></cp:coreProperties>".encode()
        core = core.replace(b"</cp:coreProperties>", said)
    members[CORE] = core
    return packed({name: m.replace(b'lang="en-US"', f'lang="{LANGUAGE}"'.encode()) for name, m in members.items()})
