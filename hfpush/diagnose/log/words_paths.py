"""What git, git-lfs, curl and Python say when a proxy, a name or a connection is in the way."""

from __future__ import annotations

from hfpush.diagnose.log.signature import Signature as S

_TO = r"(?:to|for) (?P<host>[\w.:-]+) port \d+"
_DIALLED = r"dial tcp (?P<address>\[?[\w.:]+\]?):\d+: "

PROXIES = (
    # An address that proxychains makes up, and that only its own connections would understand.
    S(
        "wrapper-bypassed",
        "dial tcp 224.0.0.",
        r"dial tcp (?P<address>224\.0\.0\.\d+):",
        client="git-lfs",
        certain=True,
    ),
    S(
        "proxy-scheme-unsupported",
        "lookup socks",
        r"proxyconnect tcp: .*lookup (?P<detail>socks\w*)",
        "proxy",
        "git-lfs",
    ),
    S("proxy-scheme-unsupported", "unknown scheme for proxy url", r"proxy url\W+(?P<detail>\w+)://", certain=True),
    S("proxy-scheme-unsupported", "unknown scheme for proxy url", certain=True),
    S("proxy-scheme-unsupported", "unsupported scheme", r"unsupported scheme (?P<detail>socks\w*)", certain=True),
    S("proxy-scheme-unsupported", "unsupported proxy", r"unsupported proxy (?:scheme|syntax)"),
    S("proxy-scheme-unsupported", "unable to determine socks version", certain=True),
    S(
        "socks-support-missing",
        "socksio",
        r"socksio\W* package is not installed|no module named \W*socksio",
        certain=True,
    ),
    S("socks-support-missing", "missing dependencies for socks support", certain=True),
    S(
        "proxy-login",
        "407",
        r"(?:response|http code|tunnel connection failed:|error:|http/1\.[01]\"?) 407",
        "proxy",
        certain=True,
    ),
    S("proxy-login", "proxy authentication required", plane="proxy", certain=True),
    S("proxy-login", "no authentication method was acceptable", plane="proxy", certain=True),
    S("proxy-login", "no acceptable authentication methods", plane="proxy", certain=True),
    S("proxy-login", "username/password authentication failed", plane="proxy", certain=True),
    S("proxy-login", "socks5 authentication", r"socks5 authentication (?:failed|was rejected)", "proxy", certain=True),
    S(
        "proxy-refused",
        "connect tunnel failed",
        r"connect tunnel failed, response (?P<detail>403|405|4\d\d)",
        "proxy",
        certain=True,
    ),
    S(
        "proxy-failed",
        "connect tunnel failed",
        r"connect tunnel failed, response (?P<detail>\d+)",
        "proxy",
        certain=True,
    ),
    S(
        "proxy-refused",
        "from proxy after connect",
        r"http code (?P<detail>4\d\d) from proxy after connect",
        "proxy",
        certain=True,
    ),
    S(
        "proxy-failed",
        "from proxy after connect",
        r"http code (?P<detail>\d+) from proxy after connect",
        "proxy",
        certain=True,
    ),
    S(
        "proxy-refused",
        "tunnel connection failed",
        r"tunnel connection failed: (?P<detail>4\d\d)",
        "proxy",
        certain=True,
    ),
    S("proxy-failed", "tunnel connection failed", plane="proxy", certain=True),
    S("proxy-refused", "not allowed by ruleset", plane="proxy", certain=True),
    S(
        "proxy-refused",
        "complete socks5 connection",
        r"complete socks5 connection to (?P<host>[\w.:-]+?)\.? \(2\)",
        "proxy",
    ),
    S("proxy-failed", "complete socks", r"complete socks\w* connection(?: to (?P<host>[\w.:-]+?)[.:]? )?", "proxy"),
    S("proxy-failed", "socks connect tcp", plane="proxy", client="git-lfs"),
    S("proxy-failed", "proxyconnect tcp", plane="proxy", client="git-lfs"),
    S("proxy-failed", "could not resolve proxy", r"could not resolve proxy: (?P<detail>[\w.-]+)", "proxy"),
    S("proxy-failed", "proxy connect aborted", plane="proxy"),
    S("proxy-failed", "cannot connect to proxy", plane="proxy"),
    S("proxy-failed", "unable to connect to proxy", plane="proxy"),
    S("proxy-failed", "proxyerror", r"exceptions\.ProxyError", "proxy", "huggingface_hub"),
    S("proxy-failed", "socks", r"\b(?:GeneralProxyError|ProxyConnectionError|SOCKS5Error|SOCKS4Error)\b", "proxy"),
    # What a proxy answers to CONNECT, which Go repeats without its number.
    S("proxy-refused", "forbidden", r"(?:Put|Post|Get|Head) \"[^\"]+\": Forbidden\b", "proxy", "git-lfs"),
    S(
        "proxy-failed",
        '": ',
        r"(?:Put|Post|Get|Head) \"[^\"]+\": (?P<detail>Bad Gateway|Service Unavailable|Gateway Timeout)",
        "proxy",
        "git-lfs",
    ),
)

NAMES = (
    S("dns-failing", "server misbehaving", r"lookup (?P<host>[\w.-]+)", client="git-lfs"),
    S("dns-failing", "temporary failure in name resolution"),
    S("dns-failing", "lookup ", r"dial tcp: lookup (?P<host>[\w.-]+).*connection refused", client="git-lfs"),
    S("dns-silent", "lookup ", r"lookup (?P<host>[\w.-]+).*i/o timeout", client="git-lfs"),
    S("dns-silent", "resolving timed out"),
    S("name-unresolved", "no such host", r"lookup (?P<host>[\w.-]+)", client="git-lfs"),
    S("name-unresolved", "could not resolve host", r"could not resolve host(?:name)?:? (?P<host>[\w.-]+)"),
    S("name-unresolved", "name or service not known"),
    S("name-unresolved", "nodename nor servname"),
    S("name-unresolved", "getaddrinfo failed"),
    S("name-unresolved", "no address associated with hostname"),
    S("name-unresolved", "dns error"),
    S("name-unresolved", "failed to lookup address"),
    S("name-unresolved", "nameresolutionerror"),
)

CONNECTIONS = (
    S(
        "dns-sinkhole",
        "connection refused",
        r"dial tcp (?P<address>0\.0\.0\.0|127\.\d+\.\d+\.\d+|\[::1?\]):443: connect: connection refused",
        client="git-lfs",
    ),
    S(
        "redirect-insecure",
        "connection refused",
        r"\"http://[^\"]+\": dial tcp [^ ]+:80: connect: connection refused",
        client="git-lfs",
    ),
    S("connect-timeout", "i/o timeout", _DIALLED + "i/o timeout", client="git-lfs"),
    S("connection-refused", "connection refused", _DIALLED + "connect: connection refused", client="git-lfs"),
    S(
        "host-unreachable",
        "unreachable",
        _DIALLED + r"connect: (?P<detail>network is unreachable|host is unreachable)",
        client="git-lfs",
    ),
    S("host-unreachable", "no route to host", _DIALLED + "connect: no route to host", client="git-lfs"),
    S("connect-timeout", "operation timed out", _DIALLED + "connect: operation timed out", client="git-lfs"),
    S("connect-timeout", "connection timed out", _DIALLED + "connect: connection timed out", client="git-lfs"),
    S("connection-refused", "connection refused", rf"connect {_TO}.*connection refused"),
    S("host-unreachable", "connect ", rf"connect {_TO}.*(?:no route to host|(?:network|host) is unreachable)"),
    S("connect-timeout", "connect ", rf"connect {_TO}.*(?:timed out|timeout was reached)"),
    S("connect-timeout", "couldn't connect to server", rf"connect {_TO} after (?P<detail>\d{{4,}}) ms"),
    S("connection-refused", "couldn't connect to server", rf"connect {_TO}"),
    S("connect-timeout", "connection timed out after", r"connection timed out after (?P<detail>\d+)"),
    S("connect-timeout", "connecttimeout"),
    S("connect-timeout", "connect timeout="),
    S("connect-timeout", "[errno 110]"),
    S("connect-timeout", "os error 110"),
    S("connect-timeout", "winerror 10060"),
    S("connection-refused", "[errno 111]"),
    S("connection-refused", "[errno 61]"),
    S("connection-refused", "os error 111"),
    S("connection-refused", "winerror 10061"),
    S("host-unreachable", "[errno 113]"),
    S("host-unreachable", "[errno 101]"),
    S("host-unreachable", "os error 113"),
    S("host-unreachable", "os error 101"),
)

SSH = (
    S("ssh-key-refused", "permission denied (publickey", plane="ssh", client="ssh", certain=True),
    S("ssh-key-refused", "host key verification failed", plane="ssh", client="ssh", certain=True),
    S(
        "connect-timeout",
        "ssh: connect to host",
        r"ssh: connect to host (?P<host>\S+) port \d+: .*timed out",
        "ssh",
        "ssh",
    ),
    S(
        "connection-refused",
        "ssh: connect to host",
        r"ssh: connect to host (?P<host>\S+) port \d+: connection refused",
        "ssh",
        "ssh",
    ),
    S("host-unreachable", "ssh: connect to host", r"ssh: connect to host (?P<host>\S+) port \d+: ", "ssh", "ssh"),
    S("connection-cut", "kex_exchange_identification", plane="ssh", client="ssh"),
)
