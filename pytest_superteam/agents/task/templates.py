"""Beginnings of files that a service needs; what stands in angle brackets is to be filled in."""

from __future__ import annotations

__all__ = ["PLACEHOLDER", "TEMPLATES"]

PLACEHOLDER = r"<[a-z][a-z ._-]{0,40}>"
"""What an unfilled place looks like, as a regular expression."""

TEMPLATES = {
    "service.json": """\
{
  "start": ["python", "-m", "uvicorn", "<module>:<application>", "--host", "127.0.0.1", "--port", "{port}"],
  "test": ["python", "-m", "pytest", "-q", "<folder of tests>"]
}
""",
    "Dockerfile": """\
FROM <base image>:<fixed version>
WORKDIR /srv
RUN useradd --system --uid 10001 --home-dir /srv service
COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt
COPY <folder of source> ./<folder of source>
USER service
ENV PORT=8000
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \\
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\\"PORT\\"]}/ready')"]
CMD ["sh", "-c", "exec python -m uvicorn <module>:<application> --host 0.0.0.0 --port \\"$PORT\\""]
""",
}
"""Text by file name."""
