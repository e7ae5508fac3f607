"""ADV-003: systems with services that nothing has to do with, and with all the ways to have to do with one."""

from __future__ import annotations

import pytest
from sample_text import split_systems
from test_rules_system_events import check

SYSTEMS = split_systems(r"""
== docker-compose.yml
services:
  gateway:
    build: ./gateway
    ports: ["80:80"]
  orders:
    build: ./orders
    environment:
      INVENTORY_URL: http://inventory:8000
  inventory:
    build: ./inventory
  reports:
    build: ./reports
    depends_on: [orders]
  redis:
    image: redis:7
== gateway/nginx.conf
server { location /orders { proxy_pass http://orders:8000; } }
== gateway/Dockerfile
FROM nginx:1.27
== orders/app.py
x = 1
== inventory/app.py
x = 1
== reports/app.py
x = 1  #! ADV-003
----
== a/app.py
CATALOG = "http://catalog-service:8000/items"
== catalog-service/app.py
x = 1
== c/app.py
x = 1  #! ADV-003
----
== a/app.js
const url = process.env.BILLING_SERVICE_URL;
== billing_service/app.js
module.exports = {};
== c/app.ts
const lonely = 1;  //! ADV-003
----
== a/main.go
conn, err := grpc.Dial("shipping:50051")
== shipping/main.go
package main
== c/main.py
x = 1  #! ADV-003
----
== a/app.py
class Settings(BaseSettings):
    payment_service_url: str = "http://localhost:9000"
== payment/app.py
x = 1
== c/app.py
x = 1  #! ADV-003
== README.md
http://c:80
----
== a/app.py
import redis
redis.Redis().publish("x", 1)
== b/app.js
const Redis = require('ioredis'); new Redis().subscribe('x');
== c/app.py
import redis  #! ADV-003
redis.Redis().publish("y", 1)
----
== a/app.py
x = 1
== b/app.py
y = "http://a"
== c/app.py
z = 1
== Caddyfile
example.com {
    reverse_proxy /c/* c:8080
}
----
== a/app.py
x = "http://b:1"
== b/app.py
x = 1
== c/app.py
z = 1
== k8s/ingress.yaml
apiVersion: networking.k8s.io/v1
kind: Ingress
spec:
  rules:
    - http:
        paths:
          - backend:
              service:
                name: c
----
== a/app.py
x = "http://b:1"
== b/app.py
x = 1
== c/app.py
z = 1
== docker-compose.yml
services:
  c:
    build: ./c
    labels:
      - "traefik.enable=true"
      - "traefik.http.routers.c.rule=Host(`c.x`)"
----
== a/app.py
x = "http://b:1"
== b/app.py
x = 1
== c/app.py
z = 1  #! ADV-003
== docker-compose.yml
services:
  c:
    build: ./c
    expose: ["8000"]
    depends_on: [a, b]
----
== a/app.py
import os, httpx
r = httpx.get(f"{os.environ['USERS_HOST']}/x")
== users/app.py
x = 1
== tools/README.md
nothing
----
== web/src/app.js
fetch('http://localhost:8081/x')
== api/app.py
x = 1
== job/app.py
x = 1  #! ADV-003
== docker-compose.yml
services:
  api:
    build: api
    ports:
      - "8081:80"
----
== only/app.py
x = 1
""")


@pytest.mark.parametrize("files", SYSTEMS)
def test_orphans(tmp_path, files):
    """ADV-003 finds services that no address, event, port or gateway connects."""
    check(tmp_path, files, "ADV-003")
