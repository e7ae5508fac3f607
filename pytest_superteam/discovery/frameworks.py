"""Libraries by what a service that depends on them is: its framework, the port that it then has, its datastores."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["FRONTENDS", "SERVERS", "WORKERS", "default_port", "framework_of", "stores_of", "stores_of_url"]

_FRAMEWORKS: dict[str, tuple[tuple[str, str], ...]] = {
    "python": (
        ("fastapi", "fastapi"), ("django", "django"), ("djangorestframework", "django"), ("flask", "flask"),
        ("quart", "quart"), ("sanic", "sanic"), ("litestar", "litestar"), ("starlette", "starlette"),
        ("aiohttp", "aiohttp"), ("tornado", "tornado"), ("falcon", "falcon"), ("bottle", "bottle"),
        ("pyramid", "pyramid"), ("connexion", "connexion"), ("streamlit", "streamlit"), ("gradio", "gradio"),
        ("flask-restful", "flask"), ("flask-restx", "flask"), ("mcp", "mcp"), ("fastmcp", "mcp"), ("celery", "celery"),
        ("grpcio", "grpc"), ("locust", "locust"),
    ),
    "javascript": (
        ("@nestjs/core", "nestjs"), ("next", "next"), ("nuxt", "nuxt"), ("nuxt3", "nuxt"), ("@remix-run/node", "remix"),
        ("@angular/core", "angular"), ("gatsby", "gatsby"), ("@sveltejs/kit", "sveltekit"), ("astro", "astro"),
        ("express", "express"), ("fastify", "fastify"), ("koa", "koa"), ("@hapi/hapi", "hapi"), ("hono", "hono"),
        ("restify", "restify"), ("@apollo/server", "apollo"), ("apollo-server", "apollo"), ("@adonisjs/core", "adonis"),
        ("moleculer", "moleculer"), ("@azure/functions", "azure-functions"),
        ("@strapi/strapi", "strapi"), ("sails", "sails"), ("payload", "payload"),
        ("vue", "vue"), ("react", "react"), ("svelte", "svelte"), ("preact", "preact"), ("solid-js", "solid"),
        ("@grpc/grpc-js", "grpc"), ("grpc", "grpc"), ("socket.io", "socket.io"), ("kafkajs", "kafkajs"),
        ("bullmq", "bullmq"), ("amqplib", "amqplib"), ("vite", "vite"), ("@loopback/rest", "loopback"),
    ),
    "go": (
        ("github.com/gin-gonic/gin", "gin"), ("github.com/labstack/echo", "echo"),
        ("github.com/gofiber/fiber", "fiber"),
        ("github.com/go-chi/chi", "chi"), ("github.com/gorilla/mux", "gorilla"), ("github.com/go-kit/kit", "go-kit"),
        ("github.com/beego/beego", "beego"), ("github.com/zeromicro/go-zero", "go-zero"), ("goa.design/goa", "goa"),
        ("github.com/julienschmidt/httprouter", "httprouter"), ("github.com/go-kratos/kratos", "kratos"),
        ("github.com/micro/go-micro", "go-micro"), ("google.golang.org/grpc", "grpc"),
    ),
    "java": (
        ("spring-boot", "spring"), ("spring-cloud", "spring"), ("spring-web", "spring"), ("quarkus", "quarkus"),
        ("micronaut", "micronaut"), ("io.micronaut", "micronaut"), ("dropwizard", "dropwizard"), ("ktor", "ktor"),
        ("helidon", "helidon"), ("vertx", "vertx"), ("vert.x", "vertx"), ("javalin", "javalin"),
        ("spark-core", "spark"),
        ("akka", "akka"), ("jersey", "jersey"), ("grpc-netty", "grpc"), ("grpc", "grpc"), ("http4k", "http4k"),
    ),
    "rust": (
        ("axum", "axum"), ("actix-web", "actix"), ("rocket", "rocket"), ("warp", "warp"), ("poem", "poem"),
        ("salvo", "salvo"), ("tide", "tide"), ("tonic", "tonic"), ("hyper", "hyper"),
    ),
    "csharp": (("aspnet", "aspnet"), ("blazor", "blazor"), ("worker", "worker")),
    "ruby": (
        ("rails", "rails"), ("sinatra", "sinatra"), ("hanami", "hanami"), ("grape", "grape"), ("sidekiq", "sidekiq"),
    ),
    "php": (
        ("laravel/framework", "laravel"), ("laravel/lumen-framework", "lumen"), ("symfony/framework-bundle", "symfony"),
        ("slim/slim", "slim"), ("symfony/http-kernel", "symfony"), ("yiisoft/yii2", "yii"),
        ("cakephp/cakephp", "cakephp"),
        ("codeigniter4/framework", "codeigniter"),
    ),
    "elixir": (("phoenix", "phoenix"), ("plug_cowboy", "plug")),
}  # fmt: skip
_SAME = {"typescript": "javascript", "kotlin": "java", "scala": "java", "groovy": "java", "fsharp": "csharp"}
FRONTENDS = frozenset({
    "next", "nuxt", "remix", "angular", "gatsby", "sveltekit", "astro", "vue", "react", "svelte", "preact", "solid",
    "vite", "blazor",
})  # fmt: skip
"""Frameworks of what runs in a browser."""
WORKERS = frozenset({"celery", "kafkajs", "bullmq", "amqplib", "worker", "sidekiq"})
"""What works through a queue and need not listen."""
SERVERS = frozenset(n for table in _FRAMEWORKS.values() for _, n in table) - FRONTENDS - WORKERS - {
    "socket.io",
    "locust",
} | {"servlet"}
"""Frameworks of what listens."""

_PORTS = {
    "fastapi": 8000, "django": 8000, "flask": 5000, "quart": 5000, "sanic": 8000, "litestar": 8000, "starlette": 8000,
    "aiohttp": 8080, "tornado": 8888, "falcon": 8000, "bottle": 8080, "pyramid": 6543, "streamlit": 8501,
    "gradio": 7860, "connexion": 8080, "nestjs": 3000, "express": 3000, "koa": 3000, "fastify": 3000, "hapi": 3000,
    "hono": 3000, "next": 3000, "nuxt": 3000, "remix": 3000, "angular": 4200, "gatsby": 8000, "sveltekit": 5173,
    "astro": 4321, "svelte": 5173, "vite": 5173, "strapi": 1337, "adonis": 3333, "apollo": 4000, "gin": 8080,
    "spring": 8080, "quarkus": 8080, "micronaut": 8080, "dropwizard": 8080, "helidon": 8080, "spark": 4567,
    "rocket": 8000, "aspnet": 8080, "blazor": 8080, "rails": 3000, "sinatra": 4567, "laravel": 8000, "symfony": 8000,
    "phoenix": 4000, "sails": 1337, "moleculer": 3000, "payload": 3000, "beego": 8080, "servlet": 8080,
    "azure-functions": 7071,
}  # fmt: skip

_STORES: dict[str, tuple[str, ...]] = {
    "postgresql": (
        r"psycopg\S*",
        "asyncpg",
        "pg",
        "pg-promise",
        "postgres",
        "postgresql",
        "aiopg",
        r"npgsql\S*",
        "pgx",
        r"github\.com/(?:lib/pq|jackc/pgx)\S*",
        "r2dbc-postgresql",
        "tokio-postgres",
        "postgrex",
        "quarkus-jdbc-postgresql",
        r"gorm\.io/driver/postgres",
    ),
    "mysql": (
        "mysql2?",
        "pymysql",
        "mysqlclient",
        "aiomysql",
        r"mysql-connector\S*",
        "mysql-connector-java",
        r"pomelo\S*mysql\S*",
        r"mysql\.data",
        r"github\.com/go-sql-driver/mysql",
        r"gorm\.io/driver/mysql",
    ),
    "mariadb": (r"mariadb\S*",),
    "mongodb": (
        "pymongo",
        "motor",
        "mongoengine",
        "beanie",
        "mongoose",
        "mongodb",
        "@nestjs/mongoose",
        r"mongodb\.driver\S*",
        "mongoid",
        r"spring-boot-starter-data-mongodb\S*",
        r"go\.mongodb\.org/\S*",
        r"gopkg\.in/mgo\S*",
        "flask-pymongo",
    ),
    "redis": (
        "redis",
        "ioredis",
        "aioredis",
        "django-redis",
        r"stackexchange\.redis",
        r"spring-boot-starter-data-redis\S*",
        "jedis",
        "lettuce-core",
        "bull",
        "bullmq",
        "rq",
        r"github\.com/(?:redis|go-redis)/\S*",
        r"cache-manager-redis\S*",
        "connect-redis",
        "predis/predis",
        r"\S*extensions\.caching\.stackexchangeredis",
        r"redisson\S*",
        "hiredis",
    ),
    "rabbitmq": (
        "pika",
        "aio-pika",
        "amqplib",
        "amqp-connection-manager",
        r"rabbitmq\.client",
        "spring-boot-starter-amqp",
        r"masstransit\.rabbitmq",
        r"github\.com/(?:rabbitmq|streadway)/amqp\S*",
        "bunny",
        "lapin",
        "php-amqplib/php-amqplib",
        "spring-cloud-starter-stream-rabbit",
        "spring-cloud-starter-bus-amqp",
    ),
    "kafka": (
        "kafkajs",
        "kafka-python",
        "aiokafka",
        r"confluent[-_.]kafka\S*",
        "spring-kafka",
        "rdkafka",
        r"github\.com/(?:ibm|shopify)/sarama",
        r"github\.com/segmentio/kafka-go",
        "spring-cloud-stream-binder-kafka",
    ),
    "nats": ("nats", "nats-py", r"github\.com/nats-io/\S*", r"nats\.client"),
    "elasticsearch": (r"elasticsearch\S*", "@elastic/elasticsearch", "nest", "spring-boot-starter-data-elasticsearch"),
    "opensearch": ("opensearch-py", "@opensearch-project/opensearch"),
    "dynamodb": ("boto3-dynamodb", "@aws-sdk/client-dynamodb", "aiodynamo"),
    "minio": ("minio", r"io\.minio"),
    "neo4j": (r"neo4j\S*", "neo4j-driver", "spring-boot-starter-data-neo4j"),
    "sqlserver": (
        r"microsoft\.entityframeworkcore\.sqlserver",
        "mssql",
        "pyodbc",
        "pymssql",
        "tedious",
        r"microsoft\.data\.sqlclient",
        "mssql-jdbc",
    ),
    "cassandra": ("cassandra-driver", r"scylla\S*"),
    "sqlite": (
        "sqlite3",
        "better-sqlite3",
        "aiosqlite",
        r"microsoft\.entityframeworkcore\.sqlite",
        r"gorm\.io/driver/sqlite",
        r"github\.com/mattn/go-sqlite3",
    ),
    "memcached": ("pymemcache", "memcached", "python-memcached", "memjs"),
    "influxdb": (r"influxdb\S*", "@influxdata/influxdb-client"),
    "qdrant": ("qdrant-client", "@qdrant/js-client-rest"),
    "clickhouse": (r"clickhouse\S*", "@clickhouse/client"),
}
"""Patterns of client libraries by datastore."""
_STORE_RES = tuple((re.compile("|".join(patterns), re.IGNORECASE), name) for name, patterns in _STORES.items())
_SCHEMES = {
    "postgres": "postgresql", "postgresql": "postgresql", "mysql": "mysql", "mariadb": "mariadb", "mongodb": "mongodb",
    "redis": "redis", "rediss": "redis", "amqp": "rabbitmq", "amqps": "rabbitmq", "nats": "nats", "kafka": "kafka",
    "sqlserver": "sqlserver", "clickhouse": "clickhouse", "bolt": "neo4j", "neo4j": "neo4j", "sqlite": "sqlite",
}  # fmt: skip
_URL = re.compile(r"(?:^|[^\w+])(?:jdbc:|r2dbc:)?([a-z]{3,12})(?:\+[a-z0-9]{2,12})?:(?://|\w)", re.IGNORECASE)


def framework_of(language: str, libraries: Iterable[str]) -> str:
    """Return the framework that one of these libraries is; the first of the language's table that is there."""
    names = {name.lower() for name in libraries}
    table = _FRAMEWORKS.get(_SAME.get(language, language), ())
    prefixed = language in {"go", "java", "kotlin", "scala"}
    for library, framework in table:
        if library in names or (prefixed and any(name.startswith(library) for name in names)):
            return framework
    return ""


def default_port(framework: str) -> int:
    """Return the port that a framework takes where nothing is said; 0 where it has none of its own."""
    return _PORTS.get(framework, 0)


def stores_of(libraries: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield datastore and library for each library that is the client of one."""
    for library in libraries:
        name = next((name for pattern, name in _STORE_RES if len(library) < 200 and pattern.fullmatch(library)), "")
        if name:
            yield name, library


def stores_of_url(text: str) -> Iterator[str]:
    """Yield the datastores that the URLs in a text lead to."""
    for match in _URL.finditer(text[:2000]):
        name = _SCHEMES.get(match[1].lower())
        if name:
            yield name
