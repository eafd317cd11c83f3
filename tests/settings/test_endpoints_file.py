"""endpoints.yaml: what it says, and what it must not hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.endpoints import Book, Endpoint
from hfpush.endpoints.book import Entry
from hfpush.endpoints.known import HF_MIRROR
from hfpush.errors import Misuse
from hfpush.settings.endpoints_file import FILE, KINDS, book_text, changing_book, check_name, read_book

CORP = Endpoint(
    "corp",
    "https://artifacts.example/hf",
    "artifactory",
    proxy="socks5h://ada@proxy.example:1080",
    ca_bundle="/etc/ca.pem",
    connect_seconds=3.0,
    idle_seconds=4.5,
    answer_seconds=90.0,
)
BOOK = Book(
    {
        "corp": Entry(CORP, "keyring", "file"),
        "hf-mirror": Entry(replace(HF_MIRROR, trusted=True), added=False),
    },
    use="corp",
)


def test_a_book_is_read_as_it_was_written(tmp_path: Path) -> None:
    with changing_book(tmp_path) as write:
        write(BOOK)
    assert read_book(tmp_path) == BOOK
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == [f".{FILE}.lock", FILE]


def test_of_ours_only_what_was_changed_is_written() -> None:
    text = book_text(BOOK)
    assert "hf-mirror:\n    trusted: true\n" in text
    assert "hf-mirror.com" not in text


def test_no_file_is_an_empty_book(tmp_path: Path) -> None:
    assert read_book(tmp_path) == Book()
    (tmp_path / FILE).write_text(book_text(Book()))
    assert read_book(tmp_path) == Book()


names = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True).filter(lambda name: name not in ("auto", "hf", "local"))
seconds = st.none() | st.floats(0.1, 86_400)


@given(
    st.dictionaries(
        names,
        st.tuples(st.sampled_from(KINDS), st.booleans(), seconds, st.sampled_from([None, "file", "keyring"])),
        max_size=4,
    )
)
def test_any_book_survives_the_file(tmp_path_factory: pytest.TempPathFactory, given_entries: dict[str, tuple]) -> None:  # type: ignore[type-arg]
    entries = {
        name: Entry(Endpoint(name, f"https://{name}.example", kind, trusted, connect_seconds=wait), keeper)
        for name, (kind, trusted, wait, keeper) in given_entries.items()
    }
    folder = tmp_path_factory.mktemp("config")
    (folder / FILE).write_text(book_text(Book(entries, "auto")))
    assert read_book(folder) == Book(entries, "auto")


WRONG = [
    ("nonsense: 1\n", 1, "means nothing"),
    ("endpoints: 3\n", 1, "no mapping"),
    ("use: [a]\n", 1, "no name"),
    ("\nuse: nobody\n", 2, "no endpoint named"),
    ("endpoints:\n  Corp: {url: 'https://x'}\n", 2, "cannot be called"),
    ("endpoints:\n  auto: {url: 'https://x'}\n", 2, "cannot be called"),
    ("endpoints:\n  corp: https://x\n", 2, "no fields"),
    ("endpoints:\n  corp:\n    kind: hub\n", 2, "has no url"),
    ("endpoints:\n  corp:\n    url: corp.example\n", 3, "is not the URL"),
    ("endpoints:\n  corp:\n    url: https://x\n    kidn: hub\n", 4, "means nothing"),
    ("endpoints:\n  corp:\n    url: https://x\n    kind: hubb\n", 4, "no kind"),
    ("endpoints:\n  corp:\n    url: https://x\n    trusted: maybe\n", 4, "neither true nor false"),
    ("endpoints:\n  corp:\n    url: https://x\n    idle_seconds: -1\n", 4, "no number of seconds"),
    ("endpoints:\n  corp:\n    url: https://x\n    connect_seconds: true\n", 4, "no number of seconds"),
    ("endpoints:\n  corp:\n    url: https://x\n    ca_bundle: 3\n", 4, "no text"),
    ("endpoints:\n  corp:\n    url: https://x\n    token: hf_secret\n", 4, "is not the secret"),
    ("endpoints:\n  hf:\n    url: https://evil.example\n", 2, "hfpush's own"),
]


@pytest.mark.parametrize(("text", "line", "what"), WRONG)
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, text: str, line: int, what: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(Misuse) as caught:
        read_book(tmp_path)
    found = caught.value.finding
    assert found.reference == "endpoints-file"
    assert found.evidence[0].startswith(f"{tmp_path / FILE}, line {line}: ")
    assert what in found.evidence[0]
    assert "secret" not in found.evidence[0].replace("the secret", "")


@pytest.mark.parametrize(
    "line",
    ["url: https://ada:hunter2@x", "url: https://hunter2@x", "url: https://x\n    proxy: http://ada:hunter2@p:1"],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path, line: str) -> None:
    (tmp_path / FILE).write_text(f"endpoints:\n  corp:\n    {line}\n")
    with pytest.raises(Misuse) as caught:
        read_book(tmp_path)
    assert caught.value.finding.reference == "endpoints-file"
    assert "hunter2" not in str(caught.value.finding)


def test_a_proxy_with_a_typo_names_file_and_line(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("endpoints:\n  corp:\n    url: https://x\n    proxy: htp://p:1\n")
    with pytest.raises(Misuse) as caught:
        read_book(tmp_path)
    assert caught.value.finding.reference == "proxy-unusable"
    assert f"{FILE}, line 4" in caught.value.finding.message


@pytest.mark.parametrize("name", ["", "A", "a b", "-a", "a-", "auto", "a/b", "x" * 41, "ü"])
def test_a_name_is_short_and_plain(name: str) -> None:
    with pytest.raises(Misuse, match="endpoint-name"):
        check_name(name)


def test_a_good_name_stays() -> None:
    assert check_name("corp-2.eu") == "corp-2.eu"
