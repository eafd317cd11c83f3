"""validate-yaml."""

import pytest

from hfpush.localhub.api_yaml import findings


@pytest.mark.parametrize(
    ("text", "errors", "warnings"),
    [
        ("---\nlicense: mit\nlanguage:\n- en\n- no\n---\n", 0, 0),
        ("# no block", 0, 1),
        ("---\nlicense: {a: b}\n---\n", 1, 0),
        ("---\ntags:\n- 1\n---\n", 1, 0),
        ("---\na: [\n---\n", 1, 0),
    ],
)
def test_findings(text, errors, warnings):
    found = findings(text)
    assert (len(found[0]), len(found[1])) == (errors, warnings)


def test_errors_are_400_with_messages(hub, send):
    good = send("POST", f"{hub.url}/api/validate-yaml", {"content": "---\nlicense: mit\n---\n", "repoType": "model"})
    assert (good.status, good.json()) == (200, {"errors": [], "warnings": []})
    bad = send("POST", f"{hub.url}/api/validate-yaml", {"content": "---\na: [\n---\n", "repoType": "model"})
    assert bad.status == 400
    assert "YAML" in bad.json()["errors"][0]["message"]
