"""Secrets in logs: none of the known shapes survives, and lines without one are left alone."""

from __future__ import annotations

import base64
import json
import random
import string

import log_corpus
import pytest
import torture
from hypothesis import given
from hypothesis import strategies as st

from mixdesk_control.auth import tokens
from mixdesk_control.auth.credentials import new_secret
from mixdesk_control.logs.text.redact import Redactor
from mixdesk_control.logs.text.wanted import BadPattern

REDACTOR = Redactor()

# {} is where the secret stands; what is around it stays.
NAMED = (
    "Authorization: Bearer {}",
    '{{"headers":{{"authorization":"Bearer {}","host":"a"}}}}',
    "curl -H 'Authorization: Token {}' https://a.example/",
    "Cookie: session={}; theme=dark",
    '"set-cookie": ["laravel_session={}; path=/"]',
    "GET /login?user=bob&password={}&next=/ HTTP/1.1",
    "callback https://a.example/?access_token={}",
    '{{"user":"bob","password":"{}","n":1}}',
    '{{"body":"{{\\"api_key\\":\\"{}\\"}}"}}',
    'level=info password={} user="bob"',
    "DB_PASSWORD={}",
    "  db:\n    passwd: {}",
    "MINIO_ROOT_PASSWORD: {}",
    "'secret' => '{}',",
    "client_secret={}, host=db",
    "X-Api-Key: {}",
    "aws_secret_access_key = {}",
    "postgres://mixdesk:{}@db:5432/mixdesk",
    "redis://:{}@redis:6379/0",
    "using private_key={} now",
    "Traceback\n  connect(password='{}')",
    "user[password]={}&x=1",
    "login of admin with password: {}",
    "X-Amz-Signature={}&X-Amz-Date=20261130",
    "hf_token={}",
    "DB_PASS={}",
    '{{"user":"bob","pass":"{}"}}',
    "run --password {} --verbose",
    "['serve', '--hf-token', '{}']",
    "requirepass {}",
    "$ mysql -u root -p{} shop",
    "$ mysqldump --all-databases -p'{}'",
    "$ curl -s 'https://a.example/?x=1&y=2' -u bob:{}",
    "ALTER USER 'a'@'%' IDENTIFIED BY '{}'",
    "CREATE USER a IDENTIFIED WITH mysql_native_password BY '{}'",
    "AccountName=a;AccountKey={};EndpointSuffix=b",
    "https://a.example/b?sv=2026-01-01&sig={}aB3%2BaB3%3D&se=1",
    '{{"body":"{{\\u0022password\\u0022:\\u0022{}\\u0022,\\u0022n\\u0022:1}}"}}',
)
ALPHABET = string.ascii_letters + string.digits + "+/_-.~!*$%^"
LETTERS = string.ascii_letters + string.digits


def _of(chance: random.Random, length: int, alphabet: str = LETTERS) -> str:
    return "".join(chance.choices(alphabet, k=length))


def shaped(chance: random.Random) -> dict[str, str]:
    """Secrets that are known by their own look, one of each kind."""
    jwt = ".".join(
        base64.urlsafe_b64encode(json.dumps({"alg": _of(chance, 12)}).encode()).decode().rstrip("=") for _ in range(3)
    )
    basic = base64.b64encode(f"user:{_of(chance, 16)}aZ9".encode()).decode()
    return {
        "aws": "AKIA" + _of(chance, 16, string.ascii_uppercase + string.digits),
        "gcp": "AIza" + _of(chance, 35),
        "hugging face": "hf_" + _of(chance, 34),
        "openai": "sk-proj-A1" + _of(chance, 40),
        "github": "ghp_" + _of(chance, 36),
        "github fine": "github_pat_" + _of(chance, 60),
        "gitlab": "glpat-" + _of(chance, 20),
        "slack": "xoxb-" + _of(chance, 24, string.digits) + "-" + _of(chance, 24),
        "jwt": jwt,
        "laravel": "base64:" + base64.b64encode(_of(chance, 32).encode()).decode(),
        "mixdesk": new_secret(tokens.PREFIX),
        "docker": "dckr_pat_" + _of(chance, 27),
        "age": "AGE-SECRET-KEY-1" + _of(chance, 58, string.ascii_uppercase + string.digits),
        "ticket": new_secret("ticket."),
        "bearer": "Bearer A1" + _of(chance, 30),
        "basic": "Basic " + basic,
    }


def test_named_secrets_go_and_what_is_around_them_stays() -> None:
    chance = torture.chance()
    for _ in range(torture.times(500, 20)):
        secret = "Q7" + _of(chance, chance.randrange(8, 40))
        for form in NAMED:
            text = form.format(secret)
            shown = REDACTOR.redact(text.encode()).decode()
            assert secret not in shown, text
            assert "[redacted]" in shown, text
            assert shown.startswith(text[:8]), (text, shown)


def test_secrets_of_a_known_look_go_wherever_they_stand() -> None:
    chance = torture.chance()
    for _ in range(torture.times(500, 20)):
        for name, secret in shaped(chance).items():
            for form in ("{}", "got {} from env", '"{}"', "({}),", "x={} y"):
                shown = REDACTOR.redact(form.format(secret).encode()).decode()
                assert secret.rpartition(" ")[2] not in shown, (name, form, shown)


@given(st.sampled_from(NAMED), st.text(ALPHABET, min_size=12, max_size=40))
def test_no_part_of_a_named_secret_of_any_letters_survives(form: str, secret: str) -> None:
    secret = "Q7" + secret + "9z"
    if "://" in form:
        secret = secret.replace("/", "_")
    shown = REDACTOR.redact(form.format(secret).encode()).decode()
    pieces = [secret[start : start + 6] for start in range(len(secret) - 5)]
    own = form.format("")  # a secret may hold letters that stand around it
    assert not [piece for piece in pieces if piece in shown and piece not in own], shown


ORDINARY = (
    "Access denied for user 'root'@'localhost' (using password: YES)",
    "max_tokens=4096 tokens: 12 token_count=3",
    "pad_token=<pad> eos_token: </s> bos_token_id=1",
    "next token: 17",
    "Unexpected token: '}' in JSON at position 3",
    "Invalid token: expired",
    '{"password":["The password field is required."]}',
    "password=null secret=None token=",
    "basic authentication is on, bearer authentication is off",
    "PWD=/app",
    "http://a.example:8080/x@y and mailto:bob@a.example",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "disk-usage-of-the-whole-machine sk-learn-contrib-something",
    "Cookie: none, cookies are off",
    "forward_pass=0.12s pass-through: yes",
    "the first-pass: done, test_pass: ok",
    '{"pass":12,"fail":3}',
    "--token is required, --password to be used",
    "  --hf-token HF_TOKEN   where the model is from",
    "next-token prediction of a two-pass model",
    "mysql -P 3306 and mkdir -pv",
    "curl: (7) Failed to connect",
    "http://[::1]:80/x@y and http://db:5432/a@b",
    "identified by its name",
    "the secretary keeps passwords nowhere",
    "use_auth_token=True",
    "tokenizer: sentencepiece",
    "1 token was made, secrets were rotated",
    "-----BEGIN CERTIFICATE-----",
    "trace 4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
    "job 0197a1b2-7c3d-7e4f-8a9b-0c1d2e3f4a5b done",
)


def test_ordinary_lines_are_left_alone() -> None:
    for line in (*ORDINARY, *(line.text for line in log_corpus.labelled())):
        assert REDACTOR.redact(line.encode()).decode() == line


def test_line_by_line_is_the_same_as_all_at_once() -> None:
    chance = torture.chance()
    lines = [*ORDINARY, *(form.format("Q7" + _of(chance, 20)) for form in NAMED), *shaped(chance).values()]
    lines = [part for line in lines for part in line.split("\n")]
    chance.shuffle(lines)
    whole = REDACTOR.redact("\n".join(lines).encode())
    assert whole == b"\n".join(REDACTOR.redact(line.encode()) for line in lines)


KEY = b"".join(
    (
        b"-----BEGIN RSA PRIVATE KEY-----\n",
        *(base64.b64encode(bytes([number]) * 48) + b"\n" for number in range(1, 26)),
        b"c2hvcnQ=\n",
        b"-----END RSA PRIVATE KEY-----\n",
    )
)


def test_a_private_key_goes_over_as_many_lines_as_it_has() -> None:
    text = b"INFO key is\n" + KEY + b"INFO after\n"
    shown = REDACTOR.redact(text)
    assert shown.count(b"\n") == text.count(b"\n")
    assert shown.splitlines()[2:-2] == [b"[redacted]"] * 26
    assert shown.startswith(b"INFO key is\n-----BEGIN RSA")
    assert shown.endswith(b"-----END RSA PRIVATE KEY-----\nINFO after\n")


def test_a_private_key_goes_in_pieces_of_any_size() -> None:
    whole = REDACTOR.redact(b"a\n" + KEY + b"b\n")
    for size in (1, 2, 7):
        stream, lines = REDACTOR.stream(), (b"a\n" + KEY + b"b\n").splitlines(keepends=True)
        pieces = [b"".join(lines[start : start + size]) for start in range(0, len(lines), size)]
        assert b"".join(map(stream.feed, pieces)) == whole


def test_a_private_key_in_one_line_goes() -> None:
    one = KEY.replace(b"\n", b"\\n")
    shown = REDACTOR.redact(b'{"key":"' + one + b'","b":1}')
    assert shown == b'{"key":"-----BEGIN RSA PRIVATE KEY-----[redacted]-----END RSA PRIVATE KEY-----\\n","b":1}'


def test_the_body_of_a_key_whose_beginning_was_missed_goes() -> None:
    body = base64.b64encode(bytes(range(3, 51)))
    assert REDACTOR.redact(b"x\n" + body + b"\ny\n") == b"x\n[redacted]\ny\n"
    assert REDACTOR.redact(b"x\n  " + body + b"\r\ny\n") == b"x\n  [redacted]\r\ny\n"


def test_patterns_of_the_operator_go_too() -> None:
    redactor = Redactor([r"customer-\d+", r"iban (\w+)"])
    assert redactor.redact(b"customer-17 pays with iban DE00 now") == b"[redacted] pays with iban [redacted] now"


def test_false_means_that_nothing_is_blacked_out() -> None:
    redactor = Redactor(False)
    assert not redactor.redacts
    assert redactor.redact(KEY + b"password=x\n") == KEY + b"password=x\n"


def test_a_pattern_that_is_none_is_told() -> None:
    with pytest.raises(BadPattern, match=r"redact: '\(a' is no pattern of RE2: missing \)"):
        Redactor(["(a"])


def test_what_stands_within_a_secret_goes_with_it() -> None:
    assert REDACTOR.redact(b"password=a<b>c&d user=bob") == b"password=[redacted] user=bob"
    assert REDACTOR.redact(b"?password=a&next=/b;c") == b"?password=[redacted]&next=/b;c"
    assert REDACTOR.redact(b"postgres://u:p/s/s@h/db") == b"postgres://u:[redacted]@h/db"
    assert REDACTOR.redact(b"http://a:80/?token=a1b2@c") == b"http://a:80/?token=[redacted]"
    assert REDACTOR.redact(b"reset-password token=a1b2") == b"reset-password token=[redacted]"


@given(st.binary(max_size=400))
def test_any_bytes_keep_their_lines(data: bytes) -> None:
    assert REDACTOR.redact(data).count(b"\n") == data.count(b"\n")
