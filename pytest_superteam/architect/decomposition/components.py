"""The parts that a text names and that are no service to build: front ends, infrastructure, products, libraries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from pytest_superteam.architect.decomposition.service_names import cleaned, is_class, is_service_like
from pytest_superteam.architect.names import fold, vocabulary, words
from pytest_superteam.models import Component

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_superteam.architect.document.sections import Document
    from pytest_superteam.architect.facts import ServiceFact

__all__ = ["PartRole", "read_components", "role_of"]

PartRole = Literal["frontend", "infrastructure", "external", "library", "backend", "worker", ""]

_INFRASTRUCTURE = vocabulary(
    "activemq alertmanager apache apm balancer bff broker bus cache caddy caching cassandra cdn celery clickhouse "
    "cluster "
    "clustering compose config configuration consul cron database databases datastore datalake db debezium discovery "
    "docker "
    "dynamodb elastic elasticsearch elk envoy etcd eureka gateway grafana haproxy ingress istio jaeger kafka keycloak "
    "kibana "
    "kong kubernetes k8s loadbalancer load logging loki mariadb memcached mesh message messaging metrics minio mongo "
    "mongodb "
    "monitoring mq mysql nacos nats nginx observability opensearch orchestration otel opentelemetry pgbouncer postgres "
    "postgresql prometheus proxy pulsar queue queueing rabbitmq redis registry reverse reverseproxy sftp smtp sqlite "
    "sqs "
    "sqlserver stack storage stream swarm tempo tracing traefik vault warehouse zipkin zookeeper zuul container "
    "containers "
    "infrastructure infra bucket s3 blob object oracle supabase-db timescaledb influxdb neo4j qdrant pinecone "
    "weaviate milvus "
    "chroma chromadb pgvector vector eventbus event volume search maildev mailhog phpmyadmin pgadmin adminer state "
    "persistence cloud ci cd"
)
# Only a name of these that ends in `Service` is infrastructure: a message service or search service is one to build.
_PLUMBING = vocabulary(
    "api balancer broker bus cache caching config configuration consul database db discovery eureka gateway load "
    "naming nacos "
    "proxy registry reverse zuul vault kafka redis rabbitmq postgres postgresql mysql mongodb nginx mq keycloak cluster"
)
_EXTERNAL = vocabulary(
    "airtable akshare algolia amplitude anthropic apns auth0 aws azure braintree calendly chatgpt claude clerk "
    "cloudflare "
    "cloudfront cloudinary cognito contentful deepseek digitalocean discord elevenlabs fcm firebase firestore gcp "
    "gemini "
    "github gitlab gmail google gpt groq heroku hubspot huggingface jira lambda livekit mailchimp mailgun mapbox "
    "mercadopago "
    "midtrans mixpanel moodle momo mux netlify neon notion okta onesignal ollama openai openrouter openweathermap "
    "outlook "
    "paypal paystack paytm plaid planetscale posthog postmark pusher railway razorpay render replicate resend "
    "salesforce "
    "segment sendgrid sentry shopify slack sns sqs square stripe supabase telegram tableau tosspayments twilio "
    "twitch "
    "vapi vercel vimeo vnpay webrtc whatsapp whisper wechat xendit yookassa youtube zalopay zapier zoom alipay kakao "
    "line "
    "naver iyzico datev n8n qiwi sms email push mail"
)
# Products that a text may name anywhere; those whose name is also a common word need their capital letter.
_CAPITAL = vocabulary(
    "line square segment render notion clerk resend neon railway google gemini claude outlook slack discord zoom momo "
    "lambda "
    "mux replicate groq telegram whisper kong loki tempo consul vault envoy redis"
)
_NO_PRODUCT = vocabulary("sms email push mail github gitlab webrtc cloudfront line")
_PRODUCTS = {
    **dict.fromkeys(_EXTERNAL - _NO_PRODUCT, "external"),
    **dict.fromkeys(
        vocabulary(
            "activemq apache-kafka caddy cassandra celery clickhouse consul dynamodb elasticsearch eureka grafana "
            "haproxy "
            "istio jaeger kafka keycloak kibana kong kubernetes loki mariadb memcached minio mongodb mysql nacos nats "
            "nginx "
            "opensearch opentelemetry pgbouncer pgvector postgres postgresql prometheus rabbitmq redis sqlite sqs "
            "tempo "
            "timescaledb influxdb neo4j qdrant pinecone weaviate milvus traefik vault zipkin zookeeper zuul envoy etcd"
        ),
        "infrastructure",
    ),
}
_FRONT = vocabulary(
    "android angular app apps application browser client clients cli console customer-app dashboard dashboards desktop "
    "electron extension flutter front frontend ios landing mobile native next nextjs nuxt page pages panel portal pwa "
    "react "
    "screen site spa storefront svelte ui ux vite vue vuejs web webapp website widget"
)
_FRONT_HEAD = vocabulary(
    "frontend front ui spa website webapp portal dashboard panel console storefront widget extension pwa client "
    "clients "
    "site browser cockpit interface oberflache oberflaeche weboberflache weboberflaeche benutzeroberflache interfaz"
)
_FRONT_ANY = vocabulary("frontend spa pwa flutter ios android electron")
_BACK = vocabulary("backend api apis server serveur servidor rest restful graphql httpapi webserver")
_BACK_MORE = vocabulary(
    "application app layer core main web http service services node nodejs express expressjs nestjs nest fastapi "
    "flask django "
    "laravel spring boot springboot go golang rails ruby python java kotlin php rust net dotnet asp aspnet gin fiber "
    "koa hono "
    "fastify quarkus tier side system central logic business end back monolith public internal mcp remote"
)
_WORKER = vocabulary(
    "worker workers scheduler bot cronjob jobs crawler scraper daemon consumer websocket realtime socket background"
)
_WORKER_MORE = vocabulary(
    "server service job process processes processor task tasks queue celery bull bullmq sidekiq telegram discord real "
    "time "
    "app api node gateway runner ws signaling socketio io cron rq"
)
_LIBRARY = vocabulary(
    "library libraries shared common commons sdk lib libs package packages types utils utilities contracts"
)
_LIBRARY_MORE = vocabulary("code module modules kernel dto dtos models protos proto ts library core")
_FILLER = vocabulary(
    "service services svc server servers layer the a central of and for our own instance cluster store platform engine"
)
_DETAIL_FRONT = re.compile(
    r"\b(?:react|vue|angular|next\.?js|svelte|flutter|swift|kotlin|electron|front-?end|spa|single[- ]page"
    r"|user interface)\b",
    re.IGNORECASE,
)
_DETAIL_PLUMBING = re.compile(
    r"discover|descoberta|descubrimiento|registry|eureka|api gateway|reverse proxy|load balanc"
    r"|routes? (?:all )?(?:client )?requests|single entry",
    re.IGNORECASE,
)
_STORES = vocabulary("gateway database db cache broker bus cluster proxy stack storage warehouse")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]{2,24}")
_MOST = 60
_QUOTE = 120


def role_of(text: str, detail: str = "") -> PartRole:
    """Return what a part of this name is, as far as the name says; empty when it may be a service to build."""
    name = cleaned(text)
    parts = _tokens(name)
    if not parts:
        return _native_role(text)
    rest = set(parts) - _FILLER
    if is_service_like(name) and parts[-1] in {"service", "services", "svc"}:
        return _role_of_service(rest)
    bare = rest or set(parts)
    return _inner_role(parts, bare, detail) or _outer_role(parts, bare, name, detail)


def _tokens(name: str) -> list[str]:
    """Return the words of a name; those of products stay whole (`FastAPI`), those of classes do not (`UserService`)."""
    if is_class(name):
        return words(name)
    folded = re.sub(r"\b(back|front)[- ]end\b", r"\1end", fold(name))
    return re.findall(r"[a-z0-9]+", folded)


def _role_of_service(rest: set[str]) -> PartRole:
    """Return the role of what calls itself a service: only plumbing, screens and plain back ends are not services."""
    if not rest or rest <= {"backend", "api"}:
        return "backend" if rest else ""
    if rest <= _PLUMBING:
        return "infrastructure"
    return "frontend" if rest <= (_FRONT_ANY | {"ui", "web"}) else ""


def _inner_role(parts: list[str], bare: set[str], detail: str) -> PartRole:
    """Return the role of what is built or run beside the services: libraries, plumbing, workers, back ends."""
    if _DETAIL_PLUMBING.search(detail[:120]) and bare & (_PLUMBING | {"server", "backend"}) and len(bare) < 3:
        return "infrastructure"
    if {"db", "database"} & {parts[0], parts[-1]}:
        return "infrastructure"
    if bare & _LIBRARY and bare <= (_LIBRARY | _LIBRARY_MORE):
        return "library"
    if bare <= (_PLUMBING | {"backend"}) and bare & (_PLUMBING - {"api"}):
        return "infrastructure"
    if bare & _WORKER and bare <= (_WORKER | _WORKER_MORE | _BACK):
        return "worker"
    return "backend" if set(parts) & _BACK and set(parts) <= (_BACK | _BACK_MORE) else ""


def _outer_role(parts: list[str], bare: set[str], name: str, detail: str) -> PartRole:
    """Return the role of products, of what is drawn on a screen, and of stores."""
    if bare <= {"clients"} and detail and not _DETAIL_FRONT.search(detail[:300]):
        return ""
    if bare <= (_INFRASTRUCTURE | _EXTERNAL | {"api"}):
        return "external" if bare & (_EXTERNAL - {"sqs"}) and not bare & (_PLUMBING - {"api"}) else "infrastructure"
    if bare & _FRONT_ANY or parts[-1] in _FRONT_HEAD or bare <= _FRONT:
        return "frontend"
    if parts[-1] in {"app", "apps", "web"} and (" " in name or _DETAIL_FRONT.search(detail[:300])):
        return "frontend"
    return "infrastructure" if parts[-1] in _STORES else ""


_NATIVE: dict[PartRole, tuple[str, ...]] = {
    "infrastructure": (
        *(
            "网关",
            "網關",
            "注册中心",
            "配置中心",
            "数据库",
            "資料庫",
            "缓存",
            "消息队列",
            "データベース",
            "ゲートウェイ",
            "キャッシュ",
        ),
        *("데이터베이스", "게이트웨이", "база данных", "шлюз", "очеред"),
    ),
    "frontend": (
        "前端",
        "小程序",
        "客户端",
        "フロントエンド",
        "画面",
        "프론트엔드",
        "фронтенд",
        "клиентск",
        "интерфейс",
    ),
    "backend": ("后端", "後端", "服务端", "服务器", "バックエンド", "サーバー", "백엔드", "서버", "бэкенд", "сервер"),
    "worker": ("-бот", "воркер", "워커", "ワーカー"),
    "external": ("第三方", "外部", "외부", "внешн"),
    "library": ("公共模块", "公共库", "共通", "공통"),
}


def _native_role(text: str) -> PartRole:
    low = text.lower()
    return next((role for role, written in _NATIVE.items() if any(w in low for w in written)), "")


def read_components(
    document: Document, services: Iterable[ServiceFact], parts: Iterable[Component] = ()
) -> tuple[Component, ...]:
    """Return the parts beside the services: `parts` that lists name, and the products anywhere in the text."""
    found: dict[str, Component] = {}
    taken = {s.name for s in services}
    for part in (*parts, *_products(document)):
        key = "-".join(words(part.name)) or part.name
        if key not in taken:
            found.setdefault(key, part)
    return tuple(sorted(found.values(), key=lambda c: c.line)[:_MOST])


def _products(document: Document) -> Iterator[Component]:
    left = set(_PRODUCTS)
    for section in document.live():
        for block in section.blocks:
            rows = [(r.line, " ".join(r.cells)) for r in block.rows]
            whole = "\n".join(text for _, text in rows) if rows else block.text
            if left.isdisjoint(_WORD.findall(whole.lower())):
                continue
            for line, text in rows or block.lines():
                for word in _WORD.findall(text):
                    low = word.lower()
                    if low not in left or (low in _CAPITAL and word.islower()):
                        continue
                    left.discard(low)
                    quote = " ".join(text[:1000].split())
                    where = quote if len(quote) <= _QUOTE else f"{quote[: _QUOTE - 3]}..."
                    yield Component(word, "external" if _PRODUCTS[low] == "external" else "infrastructure", line, where)
