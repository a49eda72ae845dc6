"""URLs of databases, and what is never said of them."""

from __future__ import annotations

import pytest

from explorer.errors import StudyError
from explorer.search.storage.address import Address, hide_password, read_address


@pytest.mark.parametrize(
    ("url", "shown", "password"),
    [
        ("postgresql://me:a%40b@host/db", "postgresql://me@host/db", "a@b"),
        ("postgresql://me@host:5433/db", "postgresql://me@host:5433/db", ""),
        ("postgresql://host", "postgresql://host", ""),
        ("postgresql:///db?host=/run/pg", "postgresql:///db?host=/run/pg", ""),
        ("postgresql://me:x@[::1]:1/db", "postgresql://me@[::1]:1/db", "x"),
        ("postgresql://a:b@h1,h2:2/d?sslmode=a", "postgresql://a@h1,h2:2/d?sslmode=a", "b"),
    ],
)
def test_a_password_is_apart(url: str, shown: str, password: str) -> None:
    address = read_address(url)
    assert address == Address(shown, password)
    assert not password or password not in repr(address)


@pytest.mark.parametrize(
    "url",
    [
        *("", "study.db", "sqlite:///a.db", "mysql://u:secret@h/d", "redis://:secret@h"),
        *("postgresql+psycopg2://u:secret@h/d", "postgresql:secret", "u:secret@h"),
        *("postgresql://u:se@cret@h/d", "postgresql://u:se/secret@h/d", "postgresql://u:#secret@h"),
        *("postgresql://u@h/d?password=secret", "postgresql://u@h/d?sslpassword=secret"),
        *("postgresql://u:secret", "postgresql://u:secret@h:port/d", "postgresql://u:s ecret@h/d"),
    ],
)
def test_others_are_refused_without_repeating_them(url: str) -> None:
    with pytest.raises(StudyError, match=r"^--storage: ") as refused:
        read_address(url)
    assert "cret@" not in str(refused.value) and "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("word", "hidden"),
    [
        ("--storage=postgresql://me:a@b/c@host/db", "--storage=postgresql://me:***@host/db"),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        ("postgresql://host:5432/db", "postgresql://host:5432/db"),
        ("postgresql://me@host/db?password=a&b=c", "postgresql://me@host/db?password=***&b=c"),
        ("mine:score", "mine:score"),
    ],
)
def test_words_of_a_command(word: str, hidden: str) -> None:
    assert hide_password(word) == hidden
