"""The network edge: the only import of requests and urllib3. Sessions, failures, retry, ranges, redaction."""
