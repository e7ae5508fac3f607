"""Answers that come drop by drop."""

import socket
import threading
import time

import httpx
import pytest

from pytest_superteam.checks import connections


def test_drip_ends_in_time(monkeypatch):
    """An answer of which a byte comes now and then ends with the time limit of the whole call."""
    monkeypatch.setattr(connections, "_TIMEOUT", 0.2)
    listener, stop = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def drip():
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
            while not stop.is_set():
                try:
                    connection.sendall(b" ")
                except OSError:
                    return
                time.sleep(0.05)

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        with connections.http_client() as client, pytest.raises(httpx.ReadTimeout):
            client.get(f"http://127.0.0.1:{listener.getsockname()[1]}/")
    finally:
        stop.set()
        thread.join(5)
        listener.close()
