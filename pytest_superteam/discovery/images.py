"""Images of other people's software: what each is, and the role that it has in a system."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Product", "base_name", "is_runtime", "product_by_role", "product_of", "product_of_name"]


@dataclass(frozen=True)
class Product:
    """Software that somebody else made. `role` is one of `database`, `cache`, `broker`, `gateway`, `other`."""

    name: str
    role: str


_KNOWN: dict[str, str] = {
    "database": (
        " "
        "postgresql=postgres|postgis|timescaledb(?:-ha)?|pgvector|postgresql(?:-repmgr)?|supabase-postgres|spilo.*"
        "|citus "
        "mysql=mysql|mysql-server|percona(?:-server)? mariadb=mariadb(?:-galera)? "
        "mongodb=mongo|mongodb(?:-community-server)? sqlserver=mssql.*|azure-sql-edge cassandra=cassandra "
        "scylladb=scylla couchdb=couchdb couchbase=couchbase neo4j=neo4j arangodb=arangodb "
        "cockroachdb=cockroach clickhouse=clickhouse(?:-server)? influxdb=influxdb "
        "elasticsearch=elasticsearch opensearch=opensearch solr=solr meilisearch=meilisearch "
        "typesense=typesense qdrant=qdrant weaviate=weaviate milvus=milvus chroma=chroma oracle=oracle.* "
        "dynamodb=dynamodb-local firebird=firebird questdb=questdb surrealdb=surrealdb rethinkdb=rethinkdb "
        "tidb=tidb yugabytedb=yugabyte mongodb=mongodb-atlas-local immudb=immudb dgraph=dgraph "
        "eventstore=eventstore(?:db)?"
    ),
    "cache": (
        " "
        "redis=redis(?:-stack(?:-server)?)?|redismod|redis-cluster|redis-sentinel|valkey|valkey-bundle|keydb|dragonfly "
        "memcached=memcached hazelcast=hazelcast varnish=varnish etcd=etcd"
    ),
    "broker": (
        "rabbitmq=rabbitmq.* "
        "kafka=kafka|cp-kafka|cp-server|redpanda|strimzi.*|fast-data-dev|kafka-native|cp-kafka-connect "
        "nats=nats|nats-streaming activemq=activemq.*|artemis.* zookeeper=zookeeper|cp-zookeeper "
        "mqtt=mosquitto|eclipse-mosquitto|emqx|vernemq pulsar=pulsar.* nsq=nsq beanstalkd=beanstalkd "
        "rocketmq=rocketmq sqs=elasticmq.* temporal=temporal"
    ),
    "gateway": (
        "nginx=nginx.*|openresty|swag|docker-nginx traefik=traefik caddy=caddy kong=kong.* envoy=envoy.* "
        "haproxy=haproxy.* httpd=httpd apisix=apisix.* krakend=krakend tyk=tyk-gateway ngrok=ngrok "
        "cloudflared=cloudflared oauth2-proxy=oauth2-proxy"
    ),
    "other": (
        "prometheus=prometheus|alertmanager|pushgateway|.*[-_]exporter|cadvisor|victoria-metrics "
        "grafana=grafana|grafana-oss|grafana-enterprise|loki|tempo|promtail|alloy|mimir|otel-lgtm "
        "jaeger=jaeger|all-in-one|jaeger-.* zipkin=zipkin.* "
        "opentelemetry=opentelemetry-collector.*|otel.*collector.* "
        "mail=mailhog|mailpit|maildev|mailcatcher|mailslurper|smtp4dev|docker-mailserver|smtp|postfix|greenmail"
        "|inbucket "
        "adminer=adminer pgadmin=pgadmin4?|pgweb|pghero phpmyadmin=phpmyadmin mongo-express=mongo-express "
        "redis-ui=redis-?commander|redisinsight "
        "kafka-ui=kafka-ui|kafdrop|akhq|redpanda-console|kafka-manager|cmak|control-center"
        "|cp-enterprise-control-center "
        "schema-registry=cp-schema-registry|schema-registry|apicurio-registry.* "
        "localstack=localstack(?:-pro)? keycloak=keycloak "
        "minio=minio|mc|seaweedfs|garage|azurite|fake-gcs-server vault=vault "
        "wiremock=wiremock|mockserver|mountebank|prism "
        "kibana=kibana|opensearch-dashboards|logstash(?:-oss)?|filebeat|metricbeat|fluentd|fluent-bit "
        "sonarqube=sonarqube portainer=portainer.* watchtower=watchtower certbot=certbot "
        "pgbouncer=pgbouncer.* selenium=selenium.*|standalone-.*|playwright|browserless "
        "swagger-ui=swagger-ui|swagger-editor|redoc flyway=flyway|liquibase sentry=sentry flagd=flagd "
        "unleash=unleash-server busybox=busybox|alpine|curl|ubuntu|debian|hello-world dns=pihole|adguardhome "
        "ollama=ollama|vllm.* hasura=graphql-engine|postgrest minecraft=minecraft-server|plex|wireguard "
        "ofelia=ofelia flower=flower celery-exporter=celery-exporter seq=seq debezium=debezium-ui|debezium"
    ),
}
"""Role -> `product=pattern of image names`, in order."""

_RUNTIMES = frozenset({
    "python", "node", "golang", "go", "php", "ruby", "openjdk", "eclipse-temurin", "amazoncorretto", "maven", "gradle",
    "rust", "dotnet", "sdk", "aspnet", "runtime", "bun", "deno", "elixir", "composer", "nodejs", "pypy", "uv", "jdk",
    "java", "temurin", "perl", "haskell", "swift", "sbt", "clojure", "dart", "corretto", "tomcat", "jetty",
})  # fmt: skip
_GATEWAYS = re.compile(
    r"apache2?|httpd|(?:reverse[-_]?)?proxy|gateway|ingress|load[-_]?balancer|lb|webserver|edge", re.IGNORECASE
)
_NAME_HINTS = (
    (re.compile(r"postgres|(?:^|[-_.])pg(?:[-_.]|$)", re.IGNORECASE), Product("postgresql", "database")),
    (re.compile(r"mysql", re.IGNORECASE), Product("mysql", "database")),
    (re.compile(r"mariadb", re.IGNORECASE), Product("mariadb", "database")),
    (re.compile(r"mongo", re.IGNORECASE), Product("mongodb", "database")),
    (re.compile(r"redis|valkey", re.IGNORECASE), Product("redis", "cache")),
    (re.compile(r"rabbit", re.IGNORECASE), Product("rabbitmq", "broker")),
    (re.compile(r"kafka", re.IGNORECASE), Product("kafka", "broker")),
    (re.compile(r"zookeeper", re.IGNORECASE), Product("zookeeper", "broker")),
    (re.compile(r"elasticsearch", re.IGNORECASE), Product("elasticsearch", "database")),
    (re.compile(r"opensearch", re.IGNORECASE), Product("opensearch", "database")),
    (re.compile(r"prometheus", re.IGNORECASE), Product("prometheus", "other")),
    (re.compile(r"grafana", re.IGNORECASE), Product("grafana", "other")),
    (re.compile(r"jaeger", re.IGNORECASE), Product("jaeger", "other")),
    (re.compile(r"otel|opentelemetry", re.IGNORECASE), Product("opentelemetry", "other")),
    (re.compile(r"(?:^|[-_.])(?:db|database)$", re.IGNORECASE), Product("", "database")),
)


def _compiled() -> tuple[tuple[re.Pattern[str], Product], ...]:
    found = []
    for role, text in _KNOWN.items():
        for entry in text.split():
            name, _, pattern = entry.partition("=")
            found.append((re.compile(pattern, re.IGNORECASE), Product(name, role)))
    return tuple(found)


_TABLE = _compiled()


def base_name(image: str) -> str:
    """Return the last part of an image's name, without registry, tag and digest."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]


@lru_cache(maxsize=512)
def product_of(image: str) -> Product | None:
    """Return what an image is; None for a language's runtime and for what is not known."""
    path = image.partition("@")[0].lower()
    name = base_name(image)
    if not name or len(name) > 200:
        return None
    if "mssql/" in path:
        return Product("sqlserver", "database")
    if "/nginx" in path or "/bitnami/" in "/" + path:
        name = name.removeprefix("bitnami-")
    return next((product for pattern, product in _TABLE if pattern.fullmatch(name)), None)


def product_of_name(name: str) -> Product | None:
    """Return what a service of a compose file seems to be by its name alone, for an image whose name is not known."""
    return next((product for pattern, product in _NAME_HINTS if pattern.search(name)), None)


def product_by_role(name: str) -> Product | None:
    """Return the gateway that a service is called after."""
    return Product("", "gateway") if _GATEWAYS.fullmatch(name) else None


def is_runtime(image: str) -> bool:
    """Return whether an image is that of a language, in which a system runs source of its own."""
    return base_name(image).lower() in _RUNTIMES
