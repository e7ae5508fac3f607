"""A small FastAPI service that keeps `library_contract`, and can be told to break it in one named way."""

import asyncio
import datetime as dt
import threading
import time
import uuid
from contextlib import contextmanager
from typing import Annotated, Any, Literal

import jwt
import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, EmailStr, Field, StrictInt, StrictStr, model_validator
from starlette.exceptions import HTTPException as StarletteHTTPException

SECRET = "a-secret-of-the-tests-that-is-long-enough"

Genre = Literal["novel", "poetry", "reference"]
Title = Annotated[StrictStr, Field(min_length=1, max_length=40)]
Pages = Annotated[StrictInt, Field(ge=1, le=5000)]
Blurb = Annotated[StrictStr, Field(max_length=200)] | None


class Strict(BaseModel):
    """A record that takes no unknown properties."""

    model_config = ConfigDict(extra="forbid")


class AuthorCreate(Strict):
    """The body of a new author."""

    name: Title


class BookCreate(Strict):
    """The body of a new book."""

    title: Title
    pages: Pages
    genre: Genre
    author_id: uuid.UUID
    blurb: Blurb = None


class BookUpdate(Strict):
    """The body of a change to a book."""

    title: Title = ""
    pages: Pages = 0
    genre: Genre = "novel"
    author_id: uuid.UUID = uuid.UUID(int=0)
    blurb: Blurb = None

    @model_validator(mode="after")
    def something(self):
        """Refuse a change of nothing."""
        if not self.model_fields_set:
            raise ValueError("name at least one field")
        return self


class UserCreate(Strict):
    """The body of a registration."""

    email: Annotated[EmailStr, Field(max_length=120)]
    password: Annotated[StrictStr, Field(min_length=8, max_length=72)]


class Credentials(Strict):
    """The body of a login."""

    email: Annotated[EmailStr, Field(max_length=120)]
    password: Annotated[StrictStr, Field(min_length=1, max_length=72)]


def stamped(**values: Any) -> dict[str, Any]:
    """Return a row with id and time stamps."""
    now = dt.datetime.now(dt.UTC).isoformat()
    return {"id": str(uuid.uuid4()), **values, "created_at": now, "updated_at": now}


def problem(
    status: int, detail: str = "", media_type: str = "application/problem+json", headers: Any = None
) -> Response:
    """Return a problem document."""
    content = {"title": "Refused", "status": status, "detail": detail}
    return JSONResponse(content, status, media_type=media_type, headers=headers)


def caller(request: Request, authorization: Annotated[str | None, Header()] = None) -> dict[str, Any]:
    """Return the claims of a valid token."""
    if request.app.state.broken == "auth":
        return {"sub": "anybody", "role": "admin"}
    try:
        claims: dict[str, Any] = jwt.decode(
            (authorization or "").removeprefix("Bearer "), SECRET, algorithms=["HS256"], issuer="superteam"
        )
    except jwt.PyJWTError as error:
        raise HTTPException(401, "a valid token is needed") from error
    return claims


def admin(claims: Annotated[dict[str, Any], Depends(caller)], request: Request) -> None:
    """Let admins through."""
    if claims["role"] != "admin" and request.app.state.broken != "role":
        raise HTTPException(403, "admins only")


def library(broken: str = "") -> FastAPI:  # noqa: C901  # one short route handler after the other
    """Return the service; `broken` names the one thing that it does wrong."""
    app = FastAPI(openapi_url=None)
    app.state.broken = broken
    authors: dict[str, Any] = {}
    books: dict[str, Any] = {}
    users: dict[str, Any] = {}
    app.state.books = books
    lock = threading.Lock()

    @app.exception_handler(StarletteHTTPException)
    def refused(request: Request, error: StarletteHTTPException) -> Response:
        media_type = "application/json" if broken == "media type" else "application/problem+json"
        return problem(error.status_code, str(error.detail), media_type, error.headers)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        return problem(422, "invalid")

    def known(rows: dict[str, Any], key: Any, status: int = 404) -> Any:
        if str(key) not in rows:
            raise HTTPException(status, "no such thing")
        return rows[str(key)]

    @app.post("/authors", status_code=201, dependencies=[Depends(caller)])
    def create_author(new: AuthorCreate) -> Any:
        author = stamped(name=new.name)
        return authors.setdefault(author["id"], author)

    if broken == "accepts invalid":

        @app.post("/books", status_code=201, dependencies=[Depends(caller)])
        async def create_anything(request: Request) -> Any:
            await request.body()
            book = stamped(title="x", pages=1, genre="novel", author_id=str(uuid.uuid4()))
            return books.setdefault(book["id"], book)

    @app.post("/books", status_code=201, dependencies=[Depends(caller)])
    def create_book(new: BookCreate) -> Any:
        known(authors, new.author_id, 409)
        if broken == "undocumented status":
            return Response(status_code=418)
        if broken == "refuses valid":
            raise HTTPException(422, "no")
        book = stamped(**new.model_dump(mode="json"))
        return books.setdefault(book["id"], book)

    @app.get("/books")
    async def list_books(
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        offset: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
        genre: Genre | None = None,
    ) -> Any:
        if broken == "slow":
            await asyncio.sleep(0.12)
        found = [b for b in list(books.values()) if genre in (None, b["genre"])]
        return {"items": found[offset : offset + limit], "total": len(found), "limit": limit, "offset": offset}

    @app.get("/books/{book_id}", dependencies=[Depends(caller)])
    def read_book(book_id: uuid.UUID) -> Any:
        if broken == "server error":
            raise HTTPException(500, "boom")
        if broken == "hangs":
            time.sleep(1.0)
        book = dict(known(books, book_id))
        if broken == "schema":
            book["pages"] = str(book["pages"])
        if broken == "missing field":
            del book["title"]
        if broken == "no such book is empty":
            return {}
        return book

    @app.patch("/books/{book_id}", dependencies=[Depends(caller)])
    def update_book(book_id: uuid.UUID, change: BookUpdate) -> Any:
        with lock:
            book = known(books, book_id)
            values = change.model_dump(mode="json", exclude_unset=True)
            known(authors, values.get("author_id", book["author_id"]), 409)
            return books.setdefault(book["id"], book) | values

    @app.delete("/books/{book_id}", status_code=204, dependencies=[Depends(admin)])
    def delete_book(book_id: uuid.UUID) -> None:
        known(books, book_id)
        del books[str(book_id)]

    @app.post("/register", status_code=201)
    def register_user(new: UserCreate) -> Any:
        if new.email in users:
            raise HTTPException(409, "taken")
        user = stamped(email=new.email)
        users[new.email] = {**user, "password": new.password}
        return user

    @app.post("/login")
    def login(given: Credentials) -> Any:
        user = users.get(given.email)
        if user is None or user["password"] != given.password or broken == "login":
            raise HTTPException(401, "wrong email or password")
        now = int(time.time())
        claims = {"sub": user["id"], "role": "reader", "iat": now, "exp": now + 600, "iss": "superteam"}
        return {"access_token": jwt.encode(claims, SECRET, "HS256"), "token_type": "bearer", "expires_in": 600}

    return app


@contextmanager
def serving(app: FastAPI):
    """Serve `app` on a free loopback port, in a thread; yields the base URL."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = server.force_exit = True
        thread.join(10)
