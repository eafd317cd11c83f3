"""Nothing that opens a door may survive in a text that is shown."""

from __future__ import annotations

import base64
import string
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hfpush.net.redact import place, redact

TOKEN = "hf_" + "AbCdEfGhIjKlMnOpQrStUvWxYz01234567"
WORD = st.text(string.ascii_letters + string.digits, min_size=8, max_size=40)


@pytest.mark.parametrize(
    "text",
    [
        f"token {TOKEN} is invalid",
        f"x{TOKEN}",
        f"%20{TOKEN}",
        f"_{TOKEN}_",
        f"Authorization: Bearer {TOKEN}",
        "Authorization: Bearer SECRETSECRET",
        "authorization: SECRETSECRET",
        "Authorization:SECRETSECRET",
        "AUTHORIZATION=SECRETSECRET",
        "{'Authorization': 'Bearer SECRETSECRET'}",
        '{"authorization":"SECRETSECRET"}',
        "Proxy-Authorization: Basic SECRETSECRET==",
        "header = bearer SECRETSECRET",
        "Bearer 0123456789=Bearer SECRETSECRET",
        "Bearer 0123456789/x=SECRETSECRET",
        "https://ada:SECRETSECRET@hub.example/x",
        "https://SECRETSECRET@hub.example/x",
        "https://ada:p@SECRETSECRET@hub.example/x",
        "https://ada:it's-SECRETSECRET@hub.example/x",
        "socks5h://ada:SECRETSECRET@127.0.0.1:1080",
        "https://s3.example/key?X-Amz-Signature=SECRETSECRET",
        "HTTPS://s3.example/key?SECRETSECRET",
        "https://s3.example/key?name='x'&Policy=SECRETSECRET",
        "https://s3.example/key?x=1#SECRETSECRET",
        "Max retries exceeded with url: /key?Policy=SECRETSECRET&Key-Pair-Id=x (Caused by x)",
        "GET /p?x=SECRETSECRET HTTP/1.1",
        "X-Amz-Credential=SECRETSECRET%2F20240101",
        "?signature=SECRETSECRET",
        "password=SECRETSECRET",
        "token=SECRETSECRET",
        "https://hub.example/#access_token=SECRETSECRET",
        '{"token": "SECRETSECRET"}',
        '{"refresh_token":"SECRETSECRET", "user": "ada"}',
        r'"{\"password\": \"SECRETSECRET\"}"',
        "https%3A%2F%2Fs3.example%2Fkey%3FX-Amz-Signature%3DSECRETSECRET",
        "&{%!!(string=https) %!!(*url.Userinfo=&{me SECRETSECRET true}) %!!(string=hf.test)",
        "*url.Userinfo=&{me SECRET}SECRET true}",
        "*url.Userinfo=&{me SECRETSECRET",
        'url.Userinfo{username:"me", password:"SECRETSECRET", passwordSet:true}',
        '{"accessToken":"SECRETSECRET","casUrl":"https://cas.example"}',
        '{"accessToken" : "SECRETSECRET"}',
        "X-Xet-Access-Token: SECRETSECRET",
        "Private-Token: SECRETSECRET",
        "Cookie: token=SECRETSECRET; session=SECRETSECRET",
        "< set-cookie: session=SECRETSECRET; Path=/",
        "X-Amz-Security-Token: SECRETSECRET",
        '{"x-amz-security-token":"SECRETSECRET"}',
        '{"X-Amz-Signature": "SECRETSECRET"}',
        "Authorization: AWS4-HMAC-SHA256 Credential=SECRET/s3/aws4_request, SignedHeaders=host, Signature=SECRET",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.SECRETSECRET",
        "hf_oauth_SECRETSECRET",
        "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",
        "next%3Ftoken%3DSECRETSECRET",
        "client_secret=SECRETSECRET",
        '"apiKey": "SECRETSECRET"',
        "HF_HUB_DISABLE_IMPLICIT_TOKEN=1SECRETSECRET",
        "HF_HUB_DISABLE_IMPLICIT_TOKEN=SECRETSECRET",
        "MY_IMPLICIT_TOKEN=1SECRET",
        f"hf%5F{TOKEN[3:]}",
        rf'{{"seen": "hf\u005f{TOKEN[3:]}"}}',
    ],
)
def test_a_secret_in_any_usual_form_is_hidden(text: str) -> None:
    shown = redact(text)
    assert "SECRET" not in shown
    assert TOKEN[3:] not in shown
    assert "***" in shown


@pytest.mark.parametrize(
    "text",
    [
        "PUT https://s3.example/bucket/key answered 403: AccessDenied",
        "Is it there? Yes.",
        "HEAD~2: what/is this?",
        "ada@example.com wrote model.safetensors",
        "git@hf.co:ada/model",
        "the token is refused",
        "line\n\tindented",
        "config: credential.helper=store",
        "a tokenizer: tokenizer_config.json",
        "export HF_HUB_DISABLE_IMPLICIT_TOKEN=1   # to read what is public",
        "HF_HUB_DISABLE_IMPLICIT_TOKEN=0",
    ],
)
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize("text", ["HF_TOKEN=1", "token=0", "password=1", "disable_implicit_token=1; x", "TOKEN%3D1"])
def test_only_the_switch_itself_may_show_its_value(text: str) -> None:
    assert "***" in redact(text)


def test_what_stands_around_a_url_stays() -> None:
    text = 'a (https://h/p?a=b c) "https://h/?x" <https://h/?y>; rel'
    assert redact(text) == 'a (https://h/p?*** c) "https://h/?***" <https://h/?***>; rel'


@given(st.text(), WORD, st.text())
def test_a_named_secret_never_survives(before: str, secret: str, after: str) -> None:
    assert secret not in redact(before + secret + after, secret)


@given(WORD, WORD)
@example("abcdefgh", "h" * 8)
def test_of_two_secrets_neither_survives_also_when_one_begins_like_the_other(one: str, two: str) -> None:
    both = one + two
    shown = redact(f"{both} {one}", one, both)
    assert one not in shown
    assert two not in shown or two in "***"


@given(st.text(string.ascii_letters + string.digits, min_size=16).map(lambda word: f"hf_{word}"), st.text(), st.text())
def test_a_token_of_the_hub_never_survives(token: str, before: str, after: str) -> None:
    assert token not in redact(before + token + after)


def test_a_path_that_begins_like_a_token_is_shown() -> None:
    assert redact("/data/hf_models and hf_datasets_cache") == "/data/hf_models and hf_datasets_cache"


@given(st.text(string.ascii_letters + string.digits + "%&=._~!$*+,;:@/?'()-", min_size=1, max_size=80))
def test_the_query_of_a_url_never_survives(query: str) -> None:
    marked = f"x=0SECRET0{query}0SECRET0"
    for text in (f"at https://s3.example/a/b?{marked}", f"PUT <http://h/?{marked}>: no", f"url: /a/b?{marked} (x)"):
        assert "0SECRET0" not in redact(text)


@given(st.text())
def test_no_text_moves_the_cursor_or_turns_the_reading_direction(text: str) -> None:
    shown = redact(text)
    assert all(letter in "\n\t" or ord(letter) >= 32 for letter in shown)
    assert not any(letter in "\x7f\x9b\u202e\u2066\u200f\u2028" for letter in shown)
    shown.encode()  # can be written to a terminal


def test_a_message_that_would_colour_the_terminal_is_written_out() -> None:
    assert redact("\x1b[31mred\r over\r\nnext") == "\\x1b[31mred\\x0d over\nnext"


@pytest.mark.parametrize(
    "piece",
    [
        "a.",
        "/",
        "?",
        "https://",
        "a://",
        "a@",
        "bearer ",
        "authorization:",
        "token=",
        "hf_",
        "eyJ",
        "a-",
        "token:",
        "cookie:",
        "Userinfo=&{",
        "secret",
    ],
)
def test_a_hostile_text_is_read_in_linear_time(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    started = time.process_time()
    redact(text)
    assert time.process_time() - started < 5  # 0.1 s where nothing is squared, minutes where something is


def test_the_place_of_a_url_is_scheme_host_and_path() -> None:
    assert place("https://ada:secret@s3.example:444/b/key?X-Amz-Signature=1#f") == "https://s3.example:444/b/key"


@given(st.text())
@example("http://[")
@example("https://[::1/?secret")
def test_the_place_of_any_text_can_be_told(text: str) -> None:
    assert isinstance(place(text), str)
    assert isinstance(place("https://" + text), str)


@given(st.text("abcXYZ019", min_size=8, max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_a_secret_inside_base64_is_found_whatever_stands_around_it(secret: str, before: str, after: str) -> None:
    packed = base64.b64encode(f"{before}:{secret}:{after}".encode()).decode()
    said = redact(f"Echo {packed} said", secret)
    assert said == "Echo *** said"


def test_a_short_secret_is_not_looked_for_in_base64() -> None:
    assert redact("Echo YWJj said", "abc") == "Echo YWJj said"


def test_a_login_that_is_to_be_filled_in_is_shown_and_no_other() -> None:
    line = "export HTTPS_PROXY=http://USER:PASSWORD@proxy.test:3128  # %40"
    assert redact(line) == line
    for other in (
        "http://USER:PASSWORD@secret@proxy.test",
        "http://USER:PASSWORDs@p.test",
        "http://user:password@p.test",
    ):
        assert "***@" in redact(other)
