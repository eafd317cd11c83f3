"""What git, git-lfs, curl, Python and the Hub say when something is wrong, word for word, and what each means.

git's own words differ by its version and its TLS library; so do git-lfs's by its version.
"""

from __future__ import annotations

G = "fatal: unable to access 'https://hf.test/me/m/': "
POST = 'batch response: Post "https://hf.test/me/m.git/info/lfs/objects/batch": '
PUT = 'LFS: Put "https://s3.hf.test/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0badc0de": '
POOL = "(host='hf.test', port=443): Max retries exceeded with url: /api/whoami-v2 (Caused by "
GO_URL = "&{%!!(string=https) %!!(string=) %!!(*url.Userinfo=<nil>) %!!(string=s3.hf.test) %!!(string=/b/k) }"

TLS = [
    # closed as soon as it was accepted
    (G + "gnutls_handshake() failed: The TLS connection was non-properly terminated.", "tls-closed"),
    (G + "Recv failure: Connection reset by peer", "tls-reset"),
    (G + "OpenSSL SSL_connect: Connection reset by peer in connection to hf.test:443 ", "tls-reset"),
    (POST + "EOF", "connection-cut"),
    (POST + "read tcp 10.77.0.100:40000->10.77.0.2:443: read: connection reset by peer", "tls-reset"),
    ("ConnectionResetError: [Errno 104] Connection reset by peer", "tls-reset"),
    ("ssl.SSLEOFError: [SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol", "tls-closed"),
    # closed after the ClientHello
    (G + "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to hf.test:443 ", "tls-closed"),
    # reset after the ClientHello
    (G + "gnutls_handshake() failed: Error in the pull function.", "tls-reset"),
    ("httpx.ConnectError: [Errno 104] Connection reset by peer", "tls-reset"),
    # half a ServerHello
    (G + "gnutls_handshake() failed: Error decoding the received TLS packet.", "tls-closed"),
    (POST + "unexpected EOF", "tls-closed"),
    # alerts
    (G + "gnutls_handshake() failed: Handshake failed", "tls-version"),
    (G + "error:0A000410:SSL routines::sslv3 alert handshake failure", "tls-version"),
    (POST + "remote error: tls: handshake failure", "tls-version"),
    ("ssl.SSLError: [SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] ssl/tls alert handshake failure", "tls-version"),
    (G + "gnutls_handshake() failed: The server name sent was not recognized", "tls-name-unknown"),
    (G + "error:0A000458:SSL routines::tlsv1 unrecognized name", "tls-name-unknown"),
    (POST + "remote error: tls: unrecognized name", "tls-name-unknown"),
    ("ssl.SSLError: [SSL: TLSV1_UNRECOGNIZED_NAME] tlsv1 unrecognized name (_ssl.c:992)", "tls-name-unknown"),
    # no TLS at all
    (G + "gnutls_handshake() failed: An unexpected TLS packet was received.", "tls-plaintext"),
    (G + "error:0A00010B:SSL routines::wrong version number", "tls-plaintext"),
    (POST + "http: server gave HTTP response to HTTPS client", "tls-plaintext"),
    (POST + "tls: first record does not look like a TLS handshake", "tls-plaintext"),
    ("ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:992)", "tls-plaintext"),
    # an old version only
    (G + "error:0A000197:SSL routines::legacy sigalg disallowed or unsupported", "tls-version"),
    (POST + "remote error: tls: protocol version not supported", "tls-version"),
    ("ssl.SSLError: [SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version", "tls-version"),
    # certificates
    (G + "server certificate verification failed. CAfile: none CRLfile: none", "tls-untrusted"),
    (G + "SSL certificate problem: certificate has expired", "certificate-expired"),
    (
        POST + "x509: certificate has expired or is not yet valid: current time 2026-11-21T07:00:00Z is after "
        "2026-01-01T00:00:00Z",
        "certificate-expired",
    ),
    (
        POST + "x509: certificate has expired or is not yet valid: current time 2026-11-21T07:00:00Z is before "
        "2027-01-01T00:00:00Z",
        "certificate-not-yet-valid",
    ),
    (
        "SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has "
        "expired (_ssl.c:992)')",
        "certificate-expired",
    ),
    (G + "SSL certificate problem: certificate is not yet valid", "certificate-not-yet-valid"),
    (
        G + "SSL: certificate subject name (other.example) does not match target host name 'hf.test'",
        "certificate-other-host",
    ),
    (
        G + "SSL: no alternative certificate subject name matches target host name 'hf.test'",
        "certificate-other-host",
    ),
    (POST + "x509: certificate is valid for other.example, not hf.test", "certificate-other-host"),
    (
        "certificate verify failed: Hostname mismatch, certificate is not valid for 'hf.test'. (_ssl.c:992)",
        "certificate-other-host",
    ),
    (G + "SSL certificate problem: unable to get local issuer certificate", "tls-untrusted"),
    (G + "SSL certificate problem: self-signed certificate", "tls-untrusted"),
    (G + "SSL certificate problem: self signed certificate in certificate chain", "tls-untrusted"),
    (POST + "x509: certificate signed by unknown authority", "tls-untrusted"),
    (POST + "tls: failed to verify certificate: x509: certificate signed by unknown authority", "tls-untrusted"),
    (
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate",
        "tls-untrusted",
    ),
    # after the handshake
    (G + "Failed sending HTTP request", "connection-cut"),
    (G + "getpeername() failed with errno 107: Transport endpoint is not connected", "connection-cut"),
    (G + "OpenSSL SSL_write: Connection reset by peer, errno 104", "connection-cut"),
    (G + "OpenSSL SSL_read: Connection reset by peer, errno 104", "connection-cut"),
    ("http.client.RemoteDisconnected: Remote end closed connection without response", "connection-cut"),
    ("httpx.RemoteProtocolError: Server disconnected without sending a response.", "connection-cut"),
    (G + "GnuTLS recv error (-110): The TLS connection was non-properly terminated.", "connection-cut"),
    ("error: RPC failed; curl 56 GnuTLS recv error (-54): Error in the pull function.", "connection-cut"),
    # silence
    (G + "Operation timed out after 300028 milliseconds with 0 out of 0 bytes received", "tls-silent"),
    (G + "SSL connection timeout", "tls-silent"),
    (POST + "net/http: TLS handshake timeout", "tls-silent"),
    ("requests.exceptions.ReadTimeout: HTTPSConnectionPool(host='hf.test', port=443): Read timed out.", "stalled"),
    # the library's choice
    ("fatal: Unsupported SSL backend 'openssl'. Supported SSL backends:\n\tgnutls", "git-ssl-backend"),
]

PATHS = [
    (G + "Failed to connect to hf.test port 443 after 0 ms: Couldn't connect to server", "connection-refused"),
    (G + "Failed to connect to hf.test port 443: Connection refused", "connection-refused"),
    (G + "Failed to connect to hf.test port 443: No route to host", "host-unreachable"),
    (G + "Failed to connect to hf.test port 443: Network is unreachable", "host-unreachable"),
    (G + "Failed to connect to hf.test port 443: Connection timed out", "connect-timeout"),
    (G + "Failed to connect to hf.test port 443 after 134732 ms: Couldn't connect to server", "connect-timeout"),
    (G + "Failed to connect to hf.test port 443 after 134613 ms: Connection timed out", "connect-timeout"),
    (POST + "dial tcp 10.77.0.2:443: connect: connection refused", "connection-refused"),
    (POST + "dial tcp 10.77.0.2:443: connect: no route to host", "host-unreachable"),
    (POST + "dial tcp [fd77::2]:443: connect: network is unreachable", "host-unreachable"),
    (POST + "dial tcp 10.77.0.2:443: i/o timeout", "connect-timeout"),
    (PUT + "dial tcp 10.77.0.3:443: i/o timeout", "connect-timeout"),
    (POST + "dial tcp 0.0.0.0:443: connect: connection refused", "dns-sinkhole"),
    (POST + "dial tcp 127.0.0.1:443: connect: connection refused", "dns-sinkhole"),
    (G + "Could not resolve host: hf.test", "name-unresolved"),
    (POST + "dial tcp: lookup hf.test on 10.77.0.8:53: no such host", "name-unresolved"),
    ("socket.gaierror: [Errno -2] Name or service not known", "name-unresolved"),
    (POST + "dial tcp: lookup hf.test on 10.77.0.8:53: server misbehaving", "dns-failing"),
    ("socket.gaierror: [Errno -3] Temporary failure in name resolution", "dns-failing"),
    (POST + "dial tcp: lookup hf.test: i/o timeout", "dns-silent"),
    (POST + "dial tcp: lookup hf.test on 10.77.0.8:53: read udp 10.0.0.1:4->10.77.0.8:53: i/o timeout", "dns-silent"),
    (G + "Resolving timed out after 10000 milliseconds", "dns-silent"),
    (PUT + "write tcp 10.77.0.100:4->10.77.0.3:443: i/o timeout", "stalled"),
    (PUT + "write tcp 10.77.0.100:4->10.77.0.3:443: use of closed network connection", "stalled"),
    (PUT + "read tcp 10.77.0.100:4->10.77.0.3:443: i/o timeout", "proxy-buffers"),
    (POST + "read tcp 10.77.0.100:4->10.77.0.2:443: i/o timeout", "stalled"),
    ("requests.exceptions.ConnectTimeout: HTTPSConnectionPool" + POOL + "ConnectTimeoutError(", "connect-timeout"),
    ("HTTPSConnectionPool" + POOL + "NewConnectionError(': [Errno 111] Connection refused'))", "connection-refused"),
    ("HTTPSConnectionPool" + POOL + "NameResolutionError(\"Failed to resolve 'hf.test'\"))", "name-unresolved"),
    ("curl: (7) Failed to connect to hf.test port 443 after 1 ms: Couldn't connect to server", "connection-refused"),
    ("git@hf.co: Permission denied (publickey).", "ssh-key-refused"),
    ("ssh: connect to host hf.co port 22: Connection timed out", "connect-timeout"),
]

PROXIES = [
    (POST + "dial tcp 224.0.0.1:443: connect: network is unreachable", "wrapper-bypassed"),
    (POST + "proxyconnect tcp: dial tcp: lookup socks4: no such host", "proxy-scheme-unsupported"),
    ("ValueError: Unknown scheme for proxy URL URL('socks4://proxy.test:1080')", "proxy-scheme-unsupported"),
    ("builder error: unsupported scheme socks5h", "proxy-scheme-unsupported"),
    ("curl: (5) Unsupported proxy syntax in 'http://u:p@ss@h'", "proxy-scheme-unsupported"),
    ("ValueError: Unable to determine SOCKS version from socks://p:1080", "proxy-scheme-unsupported"),
    (
        "ImportError: Using SOCKS proxy, but the 'socksio' package is not installed. Make sure to install httpx",
        "socks-support-missing",
    ),
    ("requests.exceptions.InvalidSchema: Missing dependencies for SOCKS support.", "socks-support-missing"),
    (G + "CONNECT tunnel failed, response 407", "proxy-login"),
    (G + "Received HTTP code 407 from proxy after CONNECT", "proxy-login"),
    (POST + "Proxy Authentication Required", "proxy-login"),
    ("OSError: Tunnel connection failed: 407 Proxy Authentication Required", "proxy-login"),
    (G + "No authentication method was acceptable.", "proxy-login"),
    (G + "CONNECT tunnel failed, response 403", "proxy-refused"),
    (G + "CONNECT tunnel failed, response 502", "proxy-failed"),
    (G + "Received HTTP code 503 from proxy after CONNECT", "proxy-failed"),
    ("OSError: Tunnel connection failed: 403 Forbidden", "proxy-refused"),
    (PUT + "Forbidden", "proxy-refused"),
    (PUT + "Bad Gateway", "proxy-failed"),
    (POST + "proxyconnect tcp: dial tcp 10.77.0.5:3128: connect: connection refused", "proxy-failed"),
    (
        POST + "socks connect tcp 10.77.0.5:1080->hf.test:443: unknown error general SOCKS server failure",
        "proxy-failed",
    ),
    (POST + "socks connect tcp p:1080->hf.test:443: unknown error connection not allowed by ruleset", "proxy-refused"),
    (POST + "socks connect tcp p:1080->hf.test:443: username/password authentication failed", "proxy-login"),
    (G + "Can't complete SOCKS5 connection to hf.test. (2)", "proxy-refused"),
    (G + "Failed to connect to proxy.test port 3128 after 0 ms: Couldn't connect to server", "proxy-failed"),
    (G + "Could not resolve proxy: proxy.test", "proxy-failed"),
]

ANSWERS = [
    (POST + "refusing insecure redirect: HTTPS to HTTP", "redirect-insecure"),
    ('LFS: Put "http://s3.hf.test/b": dial tcp 10.77.0.3:80: connect: connection refused', "redirect-insecure"),
    (G + "Maximum (20) redirects followed", "redirect-refused"),
    ('batch response: Expected JSON type, got: "text/html; charset=utf-8"', "captive-portal"),
    ("batch response: Repository or object not found: https://hf.test/login\nCheck that it exists", "captive-portal"),
    ("error: Cannot access URL https://hf.test/me/m/, return code 22\nfatal: git-http-push failed", "not-a-hub"),
    ("json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)", "not-a-hub"),
    ("Error downloading object: a.bin (1234abc): expected OID 12ab, got 34cd after 5 bytes", "not-a-hub"),
    (f"LFS: Client error {GO_URL} from HTTP 413", "request-too-large"),
    ("error: RPC failed; HTTP 413 curl 22 The requested URL returned error: 413", "request-too-large"),
    (PUT + "write tcp 1.2.3.4:5->6.7.8.9:443: write: broken pipe", "connection-cut"),
    ("error: RPC failed; HTTP 504 curl 22 The requested URL returned error: 504", "push-timeout"),
    ("error: RPC failed; HTTP 408 curl 22 The requested URL returned error: 408", "push-timeout"),
    ("error: RPC failed; result=22, HTTP code = 500", "push-timeout"),
    ("error: RPC failed; curl 56 Recv failure: Connection reset by peer", "connection-cut"),
    ("error: RPC failed; curl 55 Send failure: Broken pipe", "connection-cut"),
    (
        "error: RPC failed; curl 92 HTTP/2 stream 1 was not closed cleanly: INTERNAL_ERROR (err 2)",
        "http2-broken",
    ),
    ("error: RPC failed; curl 92 HTTP/2 stream 5 was not closed cleanly: CANCEL (err 8)", "http2-broken"),
    (POST + "stream error: stream ID 3; INTERNAL_ERROR; received from peer", "http2-broken"),
    (G + "Connection died, tried 5 times before giving up", "http2-broken"),
    ("batch response: Fatal error: Server error https://hf.test/x from HTTP 503", "hub-unavailable"),
    ("batch response: Fatal error: Service Unavailable", "hub-unavailable"),
    (f"Fatal error: Server error {GO_URL} from HTTP 503", "storage-unavailable"),
    ("Fatal error: Server error: https://s3.hf.test/b/k?X-Amz-Date=1", "storage-unavailable"),
    ("batch response: Rate limit exceeded: https://hf.test/me/m.git/info/lfs/objects/batch", "rate-limited"),
    ("We had to rate limit you, you hit the quota of 1000 api requests per 5 minutes", "rate-limited"),
    (G + "The requested URL returned error: 429", "rate-limited"),
    ("429 Client Error: Too Many Requests for url: https://hf.test/api/models", "rate-limited"),
    ("panic: runtime error: index out of range [0] with length 0", "git-lfs-panics"),
    (
        "HfHubHTTPError: 504 Server Error: Gateway Time-out for url: https://hf.test/api/models/m/commit/main",
        "commit-timeout",
    ),
    ("Server error '504 Gateway Timeout' for url 'https://hf.test/api/models/me/m/commit/main'", "commit-timeout"),
    (G + "The requested URL returned error: 503", "hub-unavailable"),
    (
        "batch response: Unable to parse HTTP response for POST https://me:x@hf.test/b: invalid character 'o' in "
        "literal true (expecting 'r')",
        "hub-unavailable",
    ),
    ("batch response: Repository or object not found: https://hf.test/me/m/verify\nCheck that", "mirror-half"),
    ("LFS: Repository or object not found: https://hf.test/me/m.git/info/lfs/verify", "mirror-half"),
]

ACCOUNTS = [
    ("fatal: could not read Username for 'https://hf.test': terminal prompts disabled", "token-missing"),
    ("fatal: could not read Username for 'https://hf.test': No such device or address", "token-missing"),
    ("remote: Invalid username or password.\nfatal: Authentication failed for 'https://hf.test/m/'", "token-refused"),
    ("fatal: Authentication failed for 'https://hf.test/me/m/'", "token-refused"),
    ("batch response: Authentication required: Invalid credentials in Authorization header", "token-refused"),
    (
        "remote: Password authentication in git is no longer supported. You must use a user access token or an SSH "
        "key instead.\nfatal: Authentication failed for 'https://hf.test/me/m/'",
        "password-not-token",
    ),
    ("batch response: Forbidden: you must use a write token to upload to a repository.", "no-permission"),
    (G + "The requested URL returned error: 403", "no-permission"),
    ("remote: You are not authorized to push to this repo.", "no-permission"),
    ("batch response: Authorization error: https://me:x@hf.test/me/m.git/info/lfs/objects/batch", "no-permission"),
    ("fatal: repository 'https://hf.test/me/m/' not found", "repo-not-found"),
    ("batch response: Repository or object not found: https://hf.test/b\nCheck that it exists", "repo-not-found"),
    ("warning: current Git remote contains credentials", "token-in-remote"),
    ("huggingface_hub.errors.RepositoryNotFoundError: 404 Client Error.", "repo-not-found"),
    ("huggingface_hub.errors.GatedRepoError: 403 Client Error.", "repo-gated"),
    ("401 Client Error: Unauthorized for url: https://hf.test/api/whoami-v2", "token-refused"),
]

FILES = [
    (
        '[12ab] You need to configure your repository to enable upload of files > 5GB.\nRun "hf lfs-enable-largefiles '
        './path/to/your/repo" and try again.: [403] Forbidden',
        "large-object-agent",
    ),
    ("403 Forbidden: Private repository storage limit reached, please upgrade", "hub-quota"),
    ("Your storage patterns tripped our internal systems! Please contact us", "hub-quota"),
    ('LFS: tq: action "upload" expires at 2026-11-21 07:00:00 +0000 UTC', "clock-skewed"),
    ('batch response: missing protocol: "host/me/m"', "lfs-url-unusable"),
    ("Unable to find source for object 12ab (try running `git lfs fetch --all`)", "object-missing"),
    (
        f"  (missing) a.bin ({'0' * 64})\nhint: Your push was rejected due to missing or corrupt local objects.",
        "object-missing",
    ),
    (
        "LFS: Authorization error: https://s3.hf.test/b/k?X-Amz-Date=1\nCheck that you have proper access",
        "lease-refused",
    ),
    ("<Error><Code>SignatureDoesNotMatch</Code></Error>", "signature-mismatch"),
    ("<Error><Code>RequestTimeTooSkewed</Code></Error>", "clock-skewed"),
    ("<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>", "lease-refused"),
    ("LFS: Client error: https://s3.hf.test/b/k?X-Amz-Date=1", "storage-refused"),
    ("<Error><Code>EntityTooLarge</Code></Error>", "object-too-large"),
    ("LFS: Not Implemented: https://s3.hf.test/b/k?X-Amz-Date=1", "storage-refused"),
    (PUT + "EOF", "connection-cut"),
    (PUT + "write tcp 1.2.3.4:5->6.7.8.9:443: write: connection reset by peer", "connection-cut"),
    ("EOF", "connection-cut"),
    ("EOFoading LFS objects:   0% (0/1), 0 B | 0 B/s", "connection-cut"),
    ("LFS: content type is not what was signed", "storage-refused"),
    ("batch response: Insufficient Storage", "storage-full"),
    # Xet
    (
        "ConnectionError: Network error: Request middleware error: error sending request for url "
        "(https://cas-server.xethub.hf.co/v1/xorb-grants/default)",
        "xet-blocked",
    ),
    ("RuntimeError: Network error: HTTP status 404 Not Found for /api/models/me/m/xet-write-token/main", "xet-missing"),
    (
        '{"level":"WARN","fields":{"message":"invalid peer certificate: UnknownIssuer"}}',
        "xet-untrusted",
    ),
    ("A commit has happened since. Please refresh and try again.", "remote-moved"),
    (" ! [rejected]        main -> main (fetch first)", "remote-moved"),
    # the Hub's rules
    ("remote: Your push was rejected because it contains files larger than 10 MiB.", "large-file-in-git"),
    ("remote: Your push was rejected because it contains binary files.", "binary-file-in-git"),
    (
        "remote: Your push was rejected because an LFS pointer pointed to a file that does not exist.",
        "object-not-on-hub",
    ),
    ("remote: Sorry, your push was rejected during YAML metadata verification:", "model-card-invalid"),
    ("remote: Your push was rejected because it contains valid Hugging Face secrets", "secret-in-history"),
    # the repository
    ("objects: corruptObject: a.bin (12ab) is corrupt", "object-corrupt"),
    ("Encountered 2 files that should have been pointers, but weren't:", "should-be-pointer"),
    (
        'pointer: unexpectedGitObject: "a.bin" (treeish 12ab) should have been a pointer but was not',
        "should-be-pointer",
    ),
    ("pointer: nonCanonicalPointer: Pointer for 12ab (blob 34cd) was not canonical", "pointer-not-canonical"),
    ("This repository is configured for Git LFS but 'git-lfs' was not found on your path.", "git-lfs-missing"),
    ("git-lfs filter-process: 1: git-lfs: not found\nfatal: the remote end hung up unexpectedly", "git-lfs-missing"),
    ("Error cleaning Git LFS object: write /x: no space left on device", "disk-full"),
    ("Could not scan for Git LFS tree: missing object: 12ab", "repo-partial"),
]

EVERYTHING = (*TLS, *PATHS, *PROXIES, *ANSWERS, *ACCOUNTS, *FILES)
