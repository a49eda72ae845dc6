"""The address of a database, and how it is written without its password.

A password is in the hands of whoever connects, and nowhere else: not in messages, reports, the
study, or the command line of a worker. So what is refused here is refused without repeating it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from explorer.errors import StudyError

_WHY = (
    "a study of several machines needs a server that every worker can ask who holds what; without "
    "--storage its trials are in a journal on this machine"
)
_FORM = (
    "write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, in which PORT and PASSWORD may be left "
    "out, and the signs @ : / ? # in a password are %40 %3A %2F %3F %23"
)
_HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[^:/?#@,\s\[\]]*)(?::\d+)?"
_URL = re.compile(
    r"postgresql://(?:(?P<user>[^:/?#@\s]*)(?::(?P<password>[^/?#@\s]*))?@)?"
    rf"(?P<rest>{_HOST}(?:,{_HOST})*(?:/[^/?#@\s]*)?(?:\?[^#@\s]*)?)"
)


@dataclass(frozen=True, slots=True)
class Address:
    """A PostgreSQL database.

    Attributes:
        shown: its URL without the password, which is what is printed and stored.
        password: as it is, decoded; empty where the URL has none.
    """

    shown: str
    password: str = field(default="", repr=False)


def read_address(url: str) -> Address:
    """The database that a URL names.

    Raises:
        StudyError: another scheme, or no such URL. The message has no part of a password.
    """
    scheme, sign, _ = url.partition("://")
    if scheme != "postgresql" or not sign:
        got = f"'{scheme}://...'" if sign and re.fullmatch(r"[\w+.-]{1,40}", scheme) else "no URL"
        raise StudyError(f"--storage: only postgresql:// is allowed, got {got}; {_WHY}")
    match = _URL.fullmatch(url)
    if match is None:
        raise StudyError(f"--storage: this is no URL of a PostgreSQL database; {_FORM}")
    if re.search(r"[?&][^=&]*password", match["rest"], re.I):
        raise StudyError(f"--storage: a password stands before the host; {_FORM}")
    user = "" if match["user"] is None else f"{match['user']}@"
    return Address(f"postgresql://{user}{match['rest']}", unquote(match["password"] or ""))


def hide_password(text: str) -> str:
    """A word of a command line, of which a URL's password became three stars, however it is put."""
    hidden = re.sub(r"(://[^:/@\s]*):.*@", r"\1:***@", text)
    return re.sub(r"(password=)[^&\s]*", r"\1***", hidden, flags=re.I)
