import hashlib
import socket
import threading

from hfpush.disk.content import Content
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.net.http import Http
from hfpush.net.network import Network
from hfpush.net.patience import Patience
from hfpush.receive.source import HubSource

DATA = b"0123456789"


def test_hub_is_asked_by_commit_with_the_path_quoted_and_the_rest_only() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        heads: list[str] = []

        def serve() -> None:
            listener.settimeout(20)
            connection, _ = listener.accept()
            with connection:
                heads.append(connection.recv(65536).decode())
                head = b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4-9/10\r\nContent-Length: 6\r\n\r\n"
                connection.sendall(head + DATA[4:])

        thread = threading.Thread(target=serve)
        thread.start()
        endpoint = Endpoint("test", f"http://127.0.0.1:{listener.getsockname()[1]}")
        with Http(endpoint, "hf_token", network=Network(Patience(5, 5, 5))) as http:
            source = HubSource(http, RepoAddress.parse(endpoint, "ada/d", "dataset"), "1" * 40)
            content = Content(hashlib.sha256(DATA).hexdigest(), len(DATA))
            got = bytearray()
            with source.open("a b/ü#?.bin", content, 4) as download:
                download.receive(lambda at, data: got.extend(data))
        thread.join(20)
    assert (source.name, bytes(got)) == ("test", DATA[4:])
    assert heads[0].startswith(f"GET /datasets/ada/d/resolve/{'1' * 40}/a%20b/%C3%BC%23%3F.bin HTTP/1.1\r\n")
    assert "Range: bytes=4-\r\n" in heads[0]
    assert "Authorization: Bearer hf_token\r\n" in heads[0]
