import json
import xml.etree.ElementTree as ET

import pytest

from hfpush.localhub.refusals import refusal, s3_error


def test_the_storage_speaks_xml():
    answer = refusal("put", 503)
    assert answer.content_type == "application/xml"
    assert ET.fromstring(answer.body).findtext("Code") == "SlowDown"


def test_what_is_told_in_xml_is_escaped():
    document = ET.fromstring(s3_error(403, "AccessDenied", "a<b & c", Expires="<now>").body)
    assert (document.findtext("Message"), document.findtext("Expires")) == ("a<b & c", "<now>")


@pytest.mark.parametrize("op", ["batch", "verify", "locks"])
def test_git_lfs_gets_its_own_json(op):
    answer = refusal(op, 403)
    assert answer.content_type == "application/vnd.git-lfs+json"
    assert json.loads(answer.body)["message"].startswith("You have read access")


def test_git_gets_text():
    assert refusal("git-push", 404).text == "Repository not found\n"


def test_rest_gets_json_with_code_and_message_in_headers():
    answer = refusal("commit", 404, "Line one\nline two", "RepoNotFound")
    assert json.loads(answer.body) == {"error": "Line one\nline two"}
    assert answer.headers["X-Error-Code"] == "RepoNotFound"
    assert answer.headers["X-Error-Message"] == "Line one line two"


@pytest.mark.parametrize("op", ["put", "batch", "git-push", "commit"])
@pytest.mark.parametrize("status", [400, 418, 429, 500, 503, 507])
def test_every_status_has_words_at_every_door(op, status):
    answer = refusal(op, status)
    assert answer.status == status
    assert answer.body
