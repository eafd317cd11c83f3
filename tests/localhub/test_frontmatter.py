"""The YAML block of a README.md."""

import pytest

from hfpush.localhub.frontmatter import BadFrontMatter, front_matter


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("", {}),
        ("# Title", {}),
        ("---\nlicense: mit\n---\n# Title", {"license": "mit"}),
        ("---\r\ntags:\r\n- a\r\n---\r\n", {"tags": ["a"]}),
        ("\ufeff---\nlicense: mit\n---", {"license": "mit"}),
        ("---\n---\n", {}),
        ("Title\n---\nlicense: mit\n---\n", {}),
    ],
)
def test_the_block_is_read(text, fields):
    assert front_matter(text) == fields


LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))


@pytest.mark.parametrize(
    "block",
    [
        LAUGHS,
        "a: &a [*a]",
        "a: " + "[" * 5000,
        "a: [",
        "- a",
        "a: b: c",
        "!!python/object/apply:os.system [ls]",
        "2026-99-99",
    ],
)
def test_a_broken_block_is_told(block):
    with pytest.raises(BadFrontMatter):
        front_matter(f"---\n{block}\n---\n")
