# ruff: noqa: E501, RUF001 - samples have the characters that authors use
"""Endpoints, streams and prefixes in every notation, and what looks like one and is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.architect.decomposition.services import ServiceIndex
from pytest_superteam.architect.document.sections import read_document
from pytest_superteam.architect.interface.endpoints import read_interface
from pytest_superteam.architect.interface.routes import cleaned, joined, query_names


def read(text):
    """Return the interface of a text without services."""
    return read_interface(read_document(text), ServiceIndex(()))


def endpoints(text):
    """Return `METHOD /path` of each endpoint of a text."""
    return [f"{e.method} {e.path}" for e in read(text).endpoints]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("**POST** `/books` - x\n\n**GET** `/books`", ["POST /books", "GET /books"]),
        ("<b>GET</b> <code>/a</code>", ["GET /a"]),
        ("1. POST /a\n2. GET /b", ["POST /a", "GET /b"]),
        ("- 📚 GET `/books`", ["GET /books"]),
        ("- `DELETE` - `/a/{id}`", ["DELETE /a/{id}"]),
        ("GET, POST `/books`", ["GET /books", "POST /books"]),
        ("- PUT/PATCH /books/{id}", ["PUT /books/{id}", "PATCH /books/{id}"]),
        ("- GET /a, /b and /c/{id}", ["GET /a", "GET /b", "GET /c/{id}"]),
        ("- POST /auth/{login,logout}", ["POST /auth/login", "POST /auth/logout"]),
        ("- get /books\n- Post `/books`", ["GET /books", "POST /books"]),
        ("- GET: /books\n- [POST] /books\n- PUT → /books", ["GET /books", "POST /books", "PUT /books"]),
        ('(GET) /a\n\nHTTP GET /b\n\n"GET /c"', ["GET /a", "GET /b", "GET /c"]),
        ("The client sends a POST request to `/books` and a GET to /books/{id}.", ["POST /books", "GET /books/{id}"]),
        ("POST /login → 200\nGET /me ← token", ["POST /login", "GET /me"]),
        ("- 「GET /a」と「POST /b」", ["GET /a", "POST /b"]),
        ("GET /users获取用户\nPOST /users：新增", ["GET /users", "POST /users"]),
        ("- ＧＥＴ　／books／｛id｝", ["GET /books/{id}"]),
        ("- POST /orders/{orderId}/cancel/", ["POST /orders/{orderId}/cancel"]),
        ("- GET /users/{user-id}/items/{item id}?page=1", ["GET /users/{user_id}/items/{item_id}"]),
        ("- GET /users/[id]\n- GET /x/[...slug]\n- GET /y/$id", ["GET /users/{id}", "GET /x/{slug}", "GET /y/{id}"]),
        ("- `POST /v1/items:batchGet`\n- GET /export.{format}", ["POST /v1/items:batchGet", "GET /export.{format}"]),
        # a path before its method
        (
            "- `/books` (GET, POST)\n- `/b/:id` - GET\n- /a: DELETE",
            ["GET /books", "POST /books", "GET /b/{id}", "DELETE /a"],
        ),
        # no slash in front
        ("## API\n\n- `GET books/{id}`\n- POST api/books", ["GET /books/{id}", "POST /api/books"]),
        # method or path above
        (
            "- /books\n  - GET: list\n  - POST: add\n- /a/{id}\n  - DELETE - remove",
            ["GET /books", "POST /books", "DELETE /a/{id}"],
        ),
        ("- GET\n  - /books\n  - /books/{id}\n- POST\n  - /books", ["GET /books", "GET /books/{id}", "POST /books"]),
        ("### /api/books\n\n- GET – list\n- POST – add", ["GET /api/books", "POST /api/books"]),
        # labels
        ("- Method: POST\n- URL: `/api/books`", ["POST /api/books"]),
        ("**Endpoint:** `/api/books`\n**Method:** `GET`\n**Description**: x", ["GET /api/books"]),
        ("Method\nEndpoint\nGET\n/api/a\nReads a\nPOST\n/api/b\nMakes b", ["GET /api/a", "POST /api/b"]),
        # hosts
        ("- GET `{{base_url}}/books`\n- POST ${API_URL}/b", ["GET /books", "POST /b"]),
        ("- `GET https://api.example.com/v1/books`\n- POST https://api.stripe.com/v1/charges", ["GET /v1/books"]),
        # words that only look like "not to be built"
        (
            "- GET /slots (future slots only)\n- DELETE /cart/{id}: the item is removed ❌",
            ["GET /slots", "DELETE /cart/{id}"],
        ),
        # the same route with and without what stands before it
        ("- GET /books\n- GET /api/books", ["GET /api/books"]),
        ("- GET /api/v1/books\n- GET /api/v2/books", ["GET /api/v1/books", "GET /api/v2/books"]),
    ],
)
def test_lines(text, found):
    """Every way to write a method and a path in a line or a list gives both, once."""
    assert endpoints(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("| Method | Path |\n|---|---|\n| GET/POST | /books |", ["GET /books", "POST /books"]),
        ("| Method | Path |\n|---|---|\n| GET<br>POST | /books |", ["GET /books", "POST /books"]),
        (
            "| Endpoint | GET | POST |\n|---|---|---|\n| /books | ✓ | ✓ |\n| /a | list | - |",
            ["GET /books", "POST /books", "GET /a"],
        ),
        ("| Resource | Methods |\n|---|---|\n| `/books` | GET, POST |", ["GET /books", "POST /books"]),
        ("| 方法 | 路径 |\n|---|---|\n| POST | api/b |", ["POST /api/b"]),
        ("| Path | Method |\n|---|---|\n| /books | GET |\n|  | POST |", ["GET /books", "POST /books"]),
        ("| GET /a | x |\n|---|---|\n| POST /b | y |", ["GET /a", "POST /b"]),
        (
            "| Method | Path | |\n|---|---|---|\n| Auth `/api/auth` | | |\n| POST | /login | x |",
            ["POST /api/auth/login"],
        ),
    ],
)
def test_tables(text, found):
    """Cells with several methods, columns of methods, shared paths and group rows are read."""
    assert endpoints(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("```http\nPOST /books?x=1 HTTP/1.1\nHost: a\n```", ["POST /books"]),
        (
            "```bash\ncurl https://x.example.com/api/books/1 \\\n  -H 'a: b' \\\n  -X PUT -d '{}'\n```",
            ["PUT /api/books/{id}"],
        ),
        (
            "```bash\ncurl localhost:3000/api/books -d '{}'\ncurl http://localhost/api/a\n```",
            ["POST /api/books", "GET /api/a"],
        ),
        (
            "```js\nrouter.get('/books/:id', h)\napp.post(\"/books\", h)\nredis.get('/x')\n```",
            ["GET /books/{id}", "POST /books"],
        ),
        (
            '```python\nrouter = APIRouter(prefix="/books")\n@router.get("/{id}")\ndef a(): ...\n```',
            ["GET /books/{id}"],
        ),
        (
            "```python\n@app.route('/books', methods=['GET','POST'])\n@app.route('/a')\n```",
            ["GET /books", "POST /books", "GET /a"],
        ),
        (
            '```java\n@RequestMapping("/api/books")\nclass A {\n @GetMapping("/{id}")\n @PostMapping\n @DeleteMapping(value = "/{id}")\n```',
            ["GET /api/books/{id}", "POST /api/books", "DELETE /api/books/{id}"],
        ),
        ("```ts\n@Controller('books')\nclass A {\n  @Get(':id')\n  @Post()\n```", ["GET /books/{id}", "POST /books"]),
        ('```csharp\n[HttpGet("books/{id}")]\napp.MapPost("/books", x);\n```', ["GET /books/{id}", "POST /books"]),
        ('```go\nr.HandleFunc("/books", h).Methods("GET", "POST")\n```', ["GET /books", "POST /books"]),
        ("```php\nRoute::post('books', x);\n```", ["POST /books"]),
        ('```rust\n.route("/books", get(a).post(b))\n```', ["GET /books", "POST /books"]),
        ("- `app/api/books/[id]/route.ts` - GET, DELETE", ["GET /api/books/{id}", "DELETE /api/books/{id}"]),
        ("```\n/books\n  GET    list\n  POST   add\n```", ["GET /books", "POST /books"]),
        ("```yaml\npaths:\n  /books:\n    get:\n      summary: x\n    post:\n```", ["GET /books", "POST /books"]),
        ("```mermaid\nsequenceDiagram\nA->>B: POST /books\nB->>Stripe: POST /v1/charges\n```", ["POST /books"]),
        # a sample is not another endpoint
        (
            "- GET /books/{slug}\n\n## Examples\n\n```\ncurl http://localhost/books/clean-code\n```",
            ["GET /books/{slug}"],
        ),
    ],
)
def test_code(text, found):
    """Samples, framework code, route files and fragments of OpenAPI give the endpoints that they declare."""
    assert endpoints(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("## API\n\nBase URL: `/api/v1`\n\n- GET /books\n- GET /api/v1/a", ["GET /api/v1/books", "GET /api/v1/a"]),
        ("## API\n\nBase URL: `https://api.example.com/v2`\n\n### Books\n\n- GET /books", ["GET /v2/books"]),
        ("All endpoints are prefixed with `/api`.\n\n- GET /books", ["GET /api/books"]),
        ("ベースURL: `/api/v1`\n\n- GET /books", ["GET /api/v1/books"]),
        ("所有接口前缀为 `/api/v1`\n\n- GET /books", ["GET /api/v1/books"]),
        ("Tous les endpoints sont préfixés par `/api/v1`.\n\n- GET /books", ["GET /api/v1/books"]),
        ("Alle Endpunkte liegen unter `/api/v1`.\n\n- GET /books", ["GET /api/v1/books"]),
        ("Todas las rutas usan el prefijo `/api`.\n\n- GET /books", ["GET /api/books"]),
        ("Базовый URL: `/api/v1`\n\n- GET /books", ["GET /api/v1/books"]),
        (
            "**Auth** (`/api/auth`)\n\n- POST /login\n\n**Books** (`/api/books`)\n\n- GET /\n- GET /:id",
            ["POST /api/auth/login", "GET /api/books", "GET /api/books/{id}"],
        ),
        ("Auth (/api/auth)\n\n- POST /login\n\nBooks\n\n- GET /books", ["POST /api/auth/login", "GET /books"]),
        ("### Auth (/auth/*)\n\n- POST /auth/login\n- POST /token", ["POST /auth/login", "POST /token"]),
        (
            "- Auth (`/api/auth`):\n  - POST /login\n- Books `/api/books`\n  - GET /",
            ["POST /api/auth/login", "GET /api/books"],
        ),
        ("**Base URL:** `http://localhost:8000`\n\n- GET /a", ["GET /a"]),
        ("### Base URL\n\n```\nhttps://api.example.com/v1\n```\n\n### Books\n\n- GET /books", ["GET /v1/books"]),
        ("| Base URL | /api/v1 |\n|---|---|\n| Auth | JWT |\n\n- GET /a", ["GET /api/v1/a"]),
        ("Base URL: /api/v1\n\n### Auth (/auth)\n\n- POST /login", ["POST /api/v1/auth/login"]),
        ("- Login page (/login)\n  - uses POST /auth/login", ["POST /auth/login"]),
        ("- POST /login\n\n### Auth (/api/auth)\n\n- POST /login", ["POST /api/auth/login"]),
    ],
)
def test_prefixes(text, found):
    """A prefix of the document, of a heading, a lead or a bullet stands before the paths below, once."""
    assert endpoints(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "The page /books shows them. Get in touch. POST a letter.",
        "BUDGET /year",
        "Response 200. GET / POST requests are allowed / denied",
        "- GET /api/...\n- GET /files/*/x",
        "| Page | Route |\n|---|---|\n| Home | /home |",
        "## Out of scope\n\n- GET /x",
        "## Changelog\n\n- added GET /y",
        "## Third-party APIs\n\n- POST /v1/charges",
        "- We call OpenAI POST /v1/embeddings",
        "- ~~`GET /old`~~\n- `GET /a` (deprecated)",
        "| Method | Path | Status |\n|---|---|---|\n| GET | /a | Deprecated |\n| GET | ~~/b~~ | x |",
    ],
)
def test_what_is_no_endpoint(text):
    """Screens, prose, calls of other systems and what is not to be built are no endpoints."""
    assert endpoints(text) == []


def test_what_is_left_out_is_told():
    """What looks like an endpoint and is left out is listed with line and reason."""
    found = read(
        "- ~~GET /old~~\n\n## Third-party APIs\n\n- POST /v1/charges\n\n```proto\n  rpc MakeBook(A) returns (B);\n```\n"
    )
    assert [(i.text, i.line) for i in found.ignored] == [("GET /old", 1), ("POST /v1/charges", 5), ("rpc MakeBook", 8)]
    assert all(i.reason for i in found.ignored)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("- WS /ws/room", ["websocket /ws/room"]),
        ("WebSocket: `wss://api.example.com/ws/chat`", ["websocket /ws/chat"]),
        ("- WebSocket endpoint: `ws://host/rooms/:code/ws`", ["websocket /rooms/{code}/ws"]),
        ("| WS | /rooms/:id |\n|---|---|\n| WS | /b |", ["websocket /rooms/{id}", "websocket /b"]),
        ("- `/ws/updates` (WebSocket)", ["websocket /ws/updates"]),
        ("| Method | Path | What |\n|---|---|---|\n| GET | /ws | WebSocket upgrade |", ["websocket /ws"]),
        ('```python\n@app.websocket("/ws/{id}")\n```', ["websocket /ws/{id}"]),
        ("- GET /stream (SSE)", ["sse /stream"]),
        ("- wss://stream.binance.com/ws", []),
        ("Real time by WebSocket / polling", []),
    ],
)
def test_streams(text, found):
    """WebSockets and server-sent events are streams, with their paths."""
    assert [f"{s.protocol} {s.path}" for s in read(text).sockets] == found


@pytest.mark.parametrize(
    ("path", "clean"),
    [
        ("/a/:id?", "/a/{id}"),
        ("/a/<int:id>/b", "/a/{id}/b"),
        ("/a/{id}/b/{id}", "/a/{id}/b/{id_2}"),
        ("/a/123", "/a/{id}"),
        ("/a/3f0a8d5e-6c1b-4f7e-9d2a-5b8c7e1f4a60", "/a/{id}"),
        ("/a/{ユーザー}", "/a/{id}"),
        ("/", "/"),
        ("/a/*", None),
        ("/a/../b", None),
        ("/a b", None),
    ],
)
def test_cleaned_paths(path, clean):
    """Parameters of every notation become `{name}`; what is no path of one operation is none."""
    assert cleaned(path) == clean


@pytest.mark.parametrize(
    ("prefix", "path", "whole"),
    [
        ("", "/a", "/a"),
        ("/api", "/", "/api"),
        ("/api", "/a", "/api/a"),
        ("/api", "/api/a", "/api/a"),
        ("/api/v1", "/v1/a", "/api/v1/a"),
        ("/api/users", "/users/{id}", "/api/users/{id}"),
        ("/users", "/api/users/{id}", "/api/users/{id}"),
        ("/a/{id}/b", "/{x}", "/a/{id}/b/{x}"),
    ],
)
def test_joined_paths(prefix, path, whole):
    """What a prefix and a path share stands once."""
    assert joined(prefix, path) == whole


def test_queries():
    """The names of a query string are kept in order."""
    assert query_names("/a?b=1&c={x}&b=2&[d]=3") == ("b", "c", "d")


_PIECES = st.sampled_from(
    [
        "GET",
        "POST ",
        "/",
        "/a",
        "{id}",
        ":x",
        "`",
        "**",
        "|",
        "(",
        ")",
        "~~",
        "curl ",
        "ws://",
        "Base URL:",
        "\n",
        "- ",
        "# ",
        "  ",
        "…",
        "／",
        "@Get(",
        "'",
    ]
)


@given(st.lists(_PIECES | st.text(max_size=5), max_size=40).map("".join))
def test_any_text_is_read(text):
    """Whatever stands in a text, each endpoint has a method and a usable path, and no two are the same."""
    found = [(e.method, e.path) for e in read(text).endpoints]
    assert len(set(found)) == len(found)
    assert all(method in {"GET", "POST", "PUT", "PATCH", "DELETE"} and cleaned(path) == path for method, path in found)
