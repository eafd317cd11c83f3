"""What a log's line amounts to, in one sentence, and what to try. Pure.

A log says what happened once; it names no setting of this machine. Where the probes know more, their words are told.
"""

from __future__ import annotations

from hfpush.findings import Finding, Severity

_ROUTES = "hfpush doctor   # without --offline: tries every way to that host, and shows which program takes which"
_RUN = "hfpush run -- git push   # every program of the push gets the same way out"
_AGAIN = "run the same command again"
_TOKEN = "hf auth login   # with a new token of the Hub's settings page"
_AUDIT = "hfpush audit   # names the files"
_FIX = "hfpush fix --dry-run   # shows how the history would be mended; then the same without --dry-run"
_HTTP1 = "git config --global http.version HTTP/1.1"
_PUBLISH = "hfpush publish . --to OWNER/NAME   # sends the large files by itself, in parts that are repeated singly"
_CLOCK = "timedatectl set-ntp true"
_CA = "put your network's authority into a file; then: export SSL_CERT_FILE=FILE GIT_SSL_CAINFO=FILE"
_LOGIN_FORM = "write its login into HTTPS_PROXY as http://USER:PASSWORD@host:port, with @ : / as %40 %3A %2F"

# The sentence, then what to try. {who} wrote the line, {host} is whom it speaks of, {detail} what else it says.
_SENTENCES = {
    # ways that lead nowhere
    "wrapper-bypassed": (
        "{who} met an address that proxychains makes up: it was run under proxychains, which does not carry it.",
        "set the proxy in a variable, without proxychains: export HTTPS_PROXY=socks5h://HOST:PORT",
        _RUN,
    ),
    "proxy-scheme-unsupported": (
        "{who} does not know the kind of proxy that it was told of: {detail}.",
        "name the same proxy as socks5h:// or http:// in HTTPS_PROXY",
        _RUN,
    ),
    "socks-support-missing": (
        "{who} was told of a SOCKS proxy, and lacks the package socksio for it.",
        "pip install socksio",
    ),
    "proxy-login": (
        "The proxy on the way to {host} wanted a login, or another one than {who} gave.",
        _LOGIN_FORM,
    ),
    "proxy-refused": (
        "The proxy does not let {who} through to {host}.",
        "ask its owner to allow {host}, and the hosts of the large files beside it",
    ),
    "proxy-failed": (
        "{who} could not get through the proxy on the way to {host}.",
        "check the address in HTTPS_PROXY, ALL_PROXY and: git config --show-origin --get-regexp '^http\\..*proxy$'",
        _ROUTES,
    ),
    "proxy-buffers": (
        "{host} took the whole file from {who} and then did not answer in time: something before it keeps a file until "
        "it has all of it.",
        "git config --global lfs.activitytimeout 600",
        "if the server before it is yours: proxy_request_buffering off",
    ),
    # names and connections
    "dns-failing": ("The name server failed when {who} asked it for {host}.", "resolvectl status", _ROUTES),
    "dns-silent": ("No name server answered when {who} asked for {host}.", "resolvectl status", _ROUTES),
    "dns-sinkhole": (
        "{who} was told an address of this very machine for {host}: the name server, or a hosts file, hides that host.",
        "getent hosts {host}",
        "let the proxy resolve names: export HTTPS_PROXY=socks5h://HOST:PORT",
    ),
    "name-unresolved": ("{who} could not resolve the name {host}.", "getent hosts {host}", _ROUTES),
    "connect-timeout": (
        "{who} got no answer from {host} when it connected: its packets were dropped on the way.",
        _ROUTES,
        _RUN,
    ),
    "connection-refused": ("Nothing listened at {host} when {who} connected.", _ROUTES),
    "host-unreachable": ("{who} found no way to {host} from this machine.", "ip route get ADDRESS", _ROUTES),
    "stalled": (
        "Bytes between {who} and {host} stopped moving.",
        _ROUTES,
        _PUBLISH,
    ),
    "connection-cut": ("The connection of {who} to {host} was cut on the way.", _AGAIN, _ROUTES),
    "http2-broken": ("Something on the way to {host} breaks HTTP/2, as {who} met it.", _HTTP1, _AGAIN),
    "ssh-key-refused": (
        "{host} did not accept the SSH key that {who} showed, or its own key is not known here.",
        "ssh -T git@hf.co",
        "or use https: git remote set-url origin https://huggingface.co/OWNER/NAME",
    ),
    # TLS
    "tls-reset": (
        "The connection of {who} to {host} was reset, most likely within the TLS handshake; the TLS library is not at "
        "fault.",
        _ROUTES,
        _RUN,
    ),
    "tls-closed": (
        "The connection of {who} to {host} was closed within the TLS handshake; the TLS library is not at fault.",
        _ROUTES,
        _RUN,
    ),
    "tls-silent": ("{host} took the connection of {who} and then never answered the TLS handshake.", _ROUTES, _RUN),
    "tls-version": (
        "{who} and {host} have no TLS version or cipher in common.",
        "git --version && git lfs version && curl --version   # and update what is old",
    ),
    "tls-name-unknown": ("What answers at {host} does not know that name.", "check the endpoint's URL", _ROUTES),
    "tls-plaintext": (
        "What answers {who} at {host} does not speak TLS.",
        "check that the URL's scheme and port belong together, of the endpoint and of the proxy",
        _ROUTES,
    ),
    "tls-untrusted": ("{who} does not trust the certificate of {host}.", _CA, _ROUTES),
    "certificate-expired": (
        "The certificate of {host} has expired, or this machine's clock is ahead.",
        _CLOCK,
        _ROUTES,
    ),
    "certificate-not-yet-valid": (
        "The certificate of {host} is not valid yet, or this machine's clock is behind.",
        _CLOCK,
        _ROUTES,
    ),
    "certificate-other-host": (
        "The certificate that {who} was shown is not that of {host}.",
        "getent hosts {host}",
        "log in to the network, if it has a login page",
    ),
    "git-ssl-backend": (
        "git is told to use the TLS library {detail}, which it was not built with.",
        "git config --global --unset http.sslBackend",
        "git config --show-origin --get-all http.sslBackend   # where it is set",
    ),
    # answers
    "redirect-refused": ("{host} led {who} in circles.", "check the endpoint's URL", _ROUTES),
    "redirect-insecure": ("{host} led {who} from https to plain http.", "check the endpoint's URL: a mirror does this"),
    "captive-portal": (
        "{host} answered {who} with a page for people: the network has a login page, or an endpoint is no Hub.",
        "open http://example.com in a browser, and log in to the network",
    ),
    "not-a-hub": ("What answered {who} at {host} is no Hub.", "check the endpoint's URL", _ROUTES),
    "rate-limited": (
        "{host} asked {who} to slow down.",
        "wait five minutes, then run the same command again",
        _PUBLISH,
    ),
    "request-too-large": (
        "A server on the way to {host} refuses requests of that size.",
        _PUBLISH,
        "if the server is yours: client_max_body_size 0",
    ),
    "push-timeout": (
        "{host} gave up the push while it worked on it ({detail}); it may have arrived all the same.",
        "git ls-remote origin   # whether it arrived",
        _AUDIT,
        "push fewer commits or files at once",
    ),
    "commit-timeout": (
        "{host} gave up the commit while it worked on it ({detail}); it may have arrived all the same.",
        _PUBLISH,
    ),
    "hub-unavailable": ("{host} did not answer {who} properly.", _AGAIN),
    "hub-refused": ("{host} refused what {who} asked: {detail}.", _ROUTES),
    "git-lfs-panics": (
        "git-lfs crashed at a storage that asked it to wait; versions before 3.6 do.",
        "install git-lfs 3.6 or later; see: git lfs version",
        _PUBLISH,
    ),
    # accounts
    "token-missing": (
        "git had no login for {host}, and could not ask for one.",
        _TOKEN,
        "hf auth login --add-to-git-credential",
    ),
    "token-refused": ("{host} did not accept the login that {who} gave.", _TOKEN),
    "password-not-token": (
        "{who} gave the password of an account, where {host} takes a token only.",
        "hf auth login --add-to-git-credential",
    ),
    "no-permission": (
        "The token that {who} gave may not do this at {host}.",
        "make a token with write permission",
        _TOKEN,
    ),
    "repo-not-found": (
        "{host} has no such repository, or the token of {who} may not see it.",
        "git remote -v   # datasets/ and spaces/ are part of an address",
        "hf auth whoami",
    ),
    "repo-gated": (
        "The repository is gated, and {who} had no token that was let in.",
        "open its page and ask for access",
        _TOKEN,
    ),
    "repo-disabled": ("The Hub has disabled the repository.", "open its page in a browser"),
    "revision-not-found": ("The repository at {host} has no such branch, tag or commit.", "git ls-remote URL"),
    "file-not-found": ("The repository at {host} has no such file.", "check its name; small and capital letters count"),
    "token-in-remote": (
        "The log shows a token: the URL of a remote holds it, and git-lfs prints it.",
        "git remote -v   # then: git remote set-url origin URL, without it",
        "make a new token, and delete the old one",
    ),
    "locks-unsupported": (
        "{host} has no LFS locks; the warning about them is harmless.",
        "git config lfs.locksverify false",
    ),
    # large files and their storage
    "hub-quota": (
        "The account has no room left on the Hub, or its uploads look like abuse to it.",
        "see https://huggingface.co/settings/billing",
    ),
    "storage-full": ("{host} has no room left.", "tell its owner"),
    "clock-skewed": (
        "A signed URL was past its time when {who} used it: this machine's clock, or the server's, is wrong.",
        _CLOCK,
    ),
    "lease-refused": (
        "{host} refused the signed URL that {who} was given: it had expired, a clock is wrong, or something on the way "
        "changed the request. git-lfs does not say which.",
        "hfpush doctor   # asks the storage itself, which names the reason",
        _PUBLISH,
    ),
    "signature-mismatch": (
        "{host} refused a signature: something on the way changes a request or its URL.",
        "NO_PROXY={host} git push   # if that host can be reached without the proxy",
    ),
    "storage-refused": ("{host} refused the file that {who} sent.", _ROUTES, _PUBLISH),
    "storage-unavailable": ("{host} did not take data from {who} at that time.", _AGAIN, _PUBLISH),
    "object-too-large": ("A file is larger than {host} takes in one piece.", "hfpush lfs enable-largefiles", _PUBLISH),
    "mirror-half": (
        "{host} does not carry the end of an upload: the check after it is unknown there.",
        "hfpush publish . --to OWNER/NAME --endpoint hf",
    ),
    "lfs-url-unusable": (
        "git-lfs was given an address that is none: {detail}.",
        "git config --show-origin --get-regexp '^(lfs\\.url|remote\\..*\\.lfsurl|url\\.)'",
        "git config --file .lfsconfig --list",
    ),
    "large-object-agent": (
        "A file is larger than 5 GB, and git-lfs here has no agent that sends it in parts.",
        "hfpush lfs enable-largefiles",
        _PUBLISH,
    ),
    "lfs-agent-died": (
        "git-lfs says nothing but EOF: its agent for large files, {detail}, ended in the middle of its work.",
        "hfpush lfs enable-largefiles   # one that repeats a part, and says what is wrong",
        _PUBLISH,
    ),
    "lfs-agent-missing": (
        "git-lfs cannot start its agent for large files: {detail} is not there.",
        "hfpush lfs enable-largefiles",
        "git config --show-origin --get lfs.customtransfer.multipart.path",
    ),
    "xet-blocked": (
        "{who} cannot reach {host}, where Xet keeps bytes.",
        "export HF_HUB_DISABLE_XET=1",
        "or ask for *.xethub.hf.co to be allowed",
    ),
    "xet-missing": ("The endpoint has no Xet.", "export HF_HUB_DISABLE_XET=1"),
    "xet-untrusted": (
        "{who} does not trust the certificate of {host}, where Xet keeps bytes.",
        _CA,
        "export HF_HUB_DISABLE_XET=1",
    ),
    # the Hub's rules and the repository
    "binary-file-in-git": ("The Hub refused the push: a binary file is in git itself, not in LFS.", _FIX, _AUDIT),
    "large-file-in-git": (
        "The Hub refused the push: a file over 10 MiB is in the history of git itself.",
        _FIX,
        _AUDIT,
    ),
    "object-not-on-hub": (
        "The Hub refused the push: it has not got an LFS object that the history names.",
        "git lfs push --all origin",
    ),
    "model-card-invalid": ("The Hub refused the push: it cannot read the metadata at the top of README.md.", _AUDIT),
    "secret-in-history": (
        "The Hub refused the push: a file of the history holds a secret.",
        "take it back on the Hub's settings page",
        _AUDIT,
    ),
    "too-many-files": ("The Hub refused the push: it would hold too many files.", _AUDIT),
    "remote-moved": ("The branch on the Hub has commits that are not here.", "git pull --rebase"),
    "object-missing": (
        "git-lfs has not got the bytes of a file that is to be pushed.",
        "git lfs fetch --all   # from where they are",
        _AUDIT,
    ),
    "object-corrupt": (
        "The bytes of an LFS object on this machine are damaged.",
        "git lfs fsck",
        "git lfs fetch --refetch",
    ),
    "should-be-pointer": ("Files are in git that .gitattributes gives to LFS.", "git add --renormalize .", _FIX),
    "pointer-not-canonical": ("An LFS pointer was edited, or its line ends were changed.", "git add --renormalize ."),
    "repo-partial": (
        "The repository is a partial clone, and git lfs push --all needs all of it.",
        "git lfs push origin HEAD",
    ),
    "git-lfs-missing": (
        "A hook or a filter of the repository calls git-lfs, which was not found.",
        "apt-get install git-lfs",
        "git lfs install",
    ),
    "disk-full": ("The disk was full while {who} wrote to it.", "df -h .", "git lfs prune"),
    "place-read-only": ("{who} was to write to a place that is read-only.", "findmnt -T ."),
}


def sentence(
    reference: str, *, who: str, host: str, detail: str, evidence: tuple[str, ...], severity: Severity, now: str = ""
) -> Finding:
    """The finding that a line amounts to. `now` is what the probes say of it, as a sentence of its own."""
    message, *remedy = _SENTENCES[reference]
    given = {"who": who, "host": host or "the server", "detail": detail or "it is in the line seen"}
    words = message.format(**given)
    words = words[0].upper() + words[1:] if not words.startswith(("git", "hf_", "huggingface_hub", "curl")) else words
    said = tuple(line.replace("{host}", host or "<host>") for line in remedy)
    return Finding(reference, f"{words} {now}".strip(), evidence, said, severity)
