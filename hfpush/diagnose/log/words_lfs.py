"""What git-lfs, its agent, the storage, Xet and this machine's disk say; and what sounds bad and is not."""

from __future__ import annotations

from hfpush.diagnose.log.signature import Signature as S

HARMLESS = (
    S("", "everything up-to-date"),  # git's last word after a push that failed, too
    S("", "consider enabling it with"),
    S("", "errors logged to"),
    S("", "failed to push some refs"),  # the end of every failure
    S("", "raise ", r"^raise \w"),  # source within a traceback
    S("", 'file "', r"^file \"[^\"]+\", line \d+"),
    S("", "trace: ", r"trace: (?:run_command|exec|built-in|start_command)"),
    S("", "trace git-lfs: ", r"trace git-lfs: (?:exec|run_command|xfer: adapter|creds|filled)"),
    S("", "immediate connect fail"),  # one of several addresses
    S("", "connect to ", r"connect to \S+ port \d+(?: from \S+ port \d+)? failed: "),
    # Headers: the first request goes without a token, and its 401 means nothing. What counts is said once more.
    S("", "< ", r"^< "),
    S("", "> ", r"^> "),
    S("", " header", r"(?:<=|=>) (?:recv|send) (?:ssl )?(?:header|data)"),
    S("", "trace git-lfs: http: "),
    S(
        "locks-unsupported",
        "locking api",
        r"does not support the (?:git )?lfs locking api",
        "hub",
        "git-lfs",
        weak=True,
    ),
    S("locks-unsupported", "authentication error", r"warning: authentication error", "hub", "git-lfs", weak=True),
    S(
        "locks-unsupported",
        "/locks/verify",
        r"(?:error|required|implemented|found)\b.*/locks/verify[^\"]*$",
        "hub",
        "git-lfs",
        weak=True,
    ),
)

LFS = (
    S("git-lfs-panics", "panic: runtime error", plane="here", client="git-lfs", certain=True),
    S("clock-skewed", "expires at", r"action \"\w+\" expires at", "storage", "git-lfs"),
    S("clock-skewed", "requesttimetooskewed", plane="storage", certain=True),
    S("clock-skewed", "difference between the request time and the current time", plane="storage", certain=True),
    S("signature-mismatch", "signaturedoesnotmatch", plane="storage", certain=True),
    S("lease-refused", "request has expired", plane="storage", certain=True),
    S("object-too-large", "entitytoolarge", plane="storage", certain=True),
    S("object-too-large", "exceeds the maximum allowed", plane="storage", certain=True),
    S(
        "lfs-url-unusable",
        "missing protocol",
        r"missing protocol: \"(?P<detail>[^\"]*)",
        "hub",
        "git-lfs",
        certain=True,
    ),
    S("lfs-url-unusable", "unsupported protocol scheme", client="git-lfs", certain=True),
    S("object-missing", "unable to find source for object", plane="here", client="git-lfs", certain=True),
    S("object-missing", "(missing) ", r"\(missing\) \S+ \([0-9a-f]{64}\)", "here", "git-lfs", certain=True),
    S("object-missing", "missing or corrupt local objects", plane="here", client="git-lfs"),
    S("object-corrupt", "corruptobject", plane="here", client="git-lfs", certain=True),
    S("should-be-pointer", "should have been pointers", plane="here", client="git-lfs", certain=True),
    S("should-be-pointer", "unexpectedgitobject", plane="here", client="git-lfs", certain=True),
    S("pointer-not-canonical", "noncanonicalpointer", plane="here", client="git-lfs", certain=True),
    S("repo-partial", "could not scan for git lfs tree", plane="here", client="git-lfs", certain=True),
    S("git-lfs-missing", "was not found", r"'?git-lfs'? was not found", "here", "git", certain=True),
    S("git-lfs-missing", "not found", r"git-lfs: (?:command )?not found", "here", "git", certain=True),
    S("git-lfs-missing", "'lfs' is not a git command", plane="here", client="git", certain=True),
    S("lease-refused", "authorization error", r"authorization error: https?://", "", "git-lfs"),
    S("storage-refused", "not implemented", r"LFS: not implemented|not implemented: https?://", "storage", "git-lfs"),
    S("storage-refused", "client error", r"LFS: client error", "storage", "git-lfs"),
    S("storage-unavailable", "lfs: error", r"LFS: Error$", "storage", "git-lfs", weak=True),
    S("rate-limited", "batch response: lfs: error", r"LFS: Error$", "hub", "git-lfs", weak=True),
    S(
        "lfs-agent-missing",
        "not found",
        r"xfer\[(?P<detail>[^\]]*)\]: .*not found|exec: \"(?P<status>[^\"]*)\": executable file not found",
        "here",
        "git-lfs",
        certain=True,
    ),
    S("lfs-agent-missing", "failed to start custom transfer", plane="here", client="git-lfs"),
    S("hub-refused", "batch response:", r"batch response: (?P<detail>.+)", "hub", "git-lfs", weak=True),
    S("storage-refused", "lfs: ", r"^LFS: (?P<detail>[^\"]+)$", "storage", "git-lfs", weak=True),
)

XET = (
    S("xet-missing", "xet-write-token", r"404.*xet-(?:write|read)-token", "xet", "hf_xet", certain=True),
    S("xet-missing", "xet-read-token", r"404.*xet-(?:write|read)-token", "xet", "hf_xet", certain=True),
    S("xet-untrusted", "invalid peer certificate", plane="xet", client="hf_xet", certain=True),
    S("xet-blocked", "error sending request for url", r"url \(https?://(?P<host>[\w.-]+)", "xet", "hf_xet"),
    S("xet-blocked", "cas client error", plane="xet", client="hf_xet"),
)

HERE = (
    S("disk-full", "no space left on device", plane="here", certain=True),
    S("disk-full", "disk quota exceeded", plane="here", certain=True),
    S("disk-full", "not enough free disk space", plane="here"),
    S("place-read-only", "read-only file system", plane="here", certain=True),
    S("connection-cut", "hung up unexpectedly", client="git", weak=True),
    S("connection-cut", "early eof", client="git", weak=True),
)
