"""The beginning and the end of what a process prints; the middle is counted and let go."""

from __future__ import annotations

__all__ = ["Kept"]


class Kept:
    """Takes bytes as they come, and keeps no more than it is told to."""

    def __init__(self, head_bytes: int, tail_bytes: int) -> None:
        """Keep so many bytes of the beginning and of the end."""
        self._head_bytes, self._tail_bytes = head_bytes, tail_bytes
        self._head, self._tail = bytearray(), bytearray()
        self.total = 0
        """Bytes that came."""

    def add(self, data: bytes) -> None:
        """Take what came next."""
        self.total += len(data)
        room = self._head_bytes - len(self._head)
        self._head += data[:room]
        self._tail += data[max(0, room) :]
        if len(self._tail) > 2 * self._tail_bytes:
            del self._tail[: -self._tail_bytes]

    def text(self, middle: str) -> tuple[str, int]:
        """Return what is kept, and how many bytes are not; `middle`, with `{cut}`, stands for those."""
        tail = bytes(self._tail[-self._tail_bytes :])
        cut = self.total - len(self._head) - len(tail)
        between = middle.format(cut=cut).encode() if cut else b""
        return (bytes(self._head) + between + tail).decode("utf-8", "replace"), cut
