# ruff: noqa: E501, RUF001 - tables of documents in several scripts
"""Which lists of a text name services to build, in every notation and several languages, and which do not."""

import pytest

NAMED = {
    "table with classes in a text about microservices": (
        "# Lend\n\nMicroservices.\n\n## Microservices Overview\n\n| Service | Description |\n|---|---|\n| UserService | users |\n| LoanService | loans |\n",
        ["user-service", "loan-service"],
    ),
    "table with ports and datastores": (
        "# Canteen\n\n### Microservices\n\n| Service | Description | Port |\n|---|---|---|\n| menus | dishes | 8081:8081 |\n| db_menus | MySQL database | 3307:3306 |\n| stock | goods | 8082:8082 |\n| `frontend` | pages | 80 |\n",
        ["menus", "stock"],
    ),
    "bold bullets": (
        "# Film\n\n## System Architecture\n\n### Microservices Overview\n- **Script Service** - reads scripts\n- **Scene Planning Service** - plans\n- **Post-Production Service** - cuts\n",
        ["script-service", "scene-planning-service", "post-production-service"],
    ),
    "bullets in groups": (
        "# Bank\n\n### Microservices\n\n#### Service Discovery\n- **discovery-service**\n  - **Port:** 8761\n\n#### Business Services\n- **account-service**\n  - **Port:** 2222\n- **card-service**\n  - **Port:** 2223\n",
        ["account-service", "card-service"],
    ),
    "numbered bullets with pictures": (
        "# Post\n\n## Microservices Overview 📋\n\n1. **Sign-in Service** 🔐  \n   - Go.\n   - Tokens.\n\n2. **Parcel Service** 📦  \n   - Express.\n",
        ["sign-in-service", "parcel-service"],
    ),
    "names without the word service": (
        "# Ward\n\n### Microservices\n1. **API Gateway**: routing\n2. **Patient Records**: files\n3. **Bed Planning**: beds\n4. **Eureka Server**: registry\n",
        ["patient-records", "bed-planning"],
    ),
    "headings with ports": (
        "# Alarm\n\n## Microservices\n\n### 1. Sensor Service (Port 8081)\n\nREST.\n\n### 2. Worker Service\n\nx\n\n### 3. Rules Engine (Port 8083)\n\ny\n",
        ["sensor-service", "worker-service", "rules-engine"],
    ),
    "bullets behind a sentence": (
        "# Diary\n\n## Architecture\n\nThe platform consists of the following microservices:\n\n- **Member Service**: x\n- **Entry Service**: y\n\n### Communication\n\nvia Kafka\n",
        ["member-service", "entry-service"],
    ),
    "technology in brackets, a client and a bus": (
        "# Forum\n\nThe application consists of the following microservices:\n\n- **Client (React)**: Frontend service\n- **Threads (Node.js & Express)**: threads\n- **Votes (Node.js & Express)**: votes\n- **Event-Bus (Node.js & Express)**: hub\n",
        ["threads", "votes"],
    ),
    "ports in brackets and infrastructure beside": (
        "# Points\n\nIt consists of the following microservices:\n\n- **nginx** - API Gateway (port 80)\n- **member-service** - members (port 3001)\n- **points-service** - points (port 8080)\n\n### Infrastructure\n\n- **Redis** - caching (port 6379)\n- **PostgreSQL** - data (port 5432)\n",
        ["member-service", "points-service"],
    ),
    "a sentence": (
        "# T\n\nThe system is split into three microservices: Login Service, Order Service and Payment Service. They use Kafka.\n",
        ["login-service", "order-service", "payment-service"],
    ),
    "logical components of a distributed core": (
        "# Ticks\n\nLatency is traced across all services.\n\n## Logical Components\n\n- **Feed Reader Service (Exchange)**\n  - Reads.\n- **Message Bus Layer**\n  - Topics.\n- **Matcher Service**\n  - Matches.\n- **Order Worker Service(s)**\n  - Sends.\n- **Report Processor**\n  - Sums up.\n- **Observability Stack (shared)**\n  - Metrics.\n",
        ["feed-reader-service", "matcher-service", "order-worker-service", "report-processor"],
    ),
    "compose text": (
        "# C\n\n## Deployment\n\n```yaml\nservices:\n  auth-service:\n    build: ./auth\n  order-service:\n    build: ./orders\n  db:\n    image: postgres:16\nvolumes:\n  data:\n```\n",
        ["auth-service", "order-service"],
    ),
    "folder tree": (
        "# P\n\nA microservices platform.\n\n```\nproject/\n├── services/\n│   ├── auth/\n│   ├── billing/\n│   └── catalog/\n├── frontend/\n└── docker-compose.yml\n```\n",
        ["auth", "billing", "catalog"],
    ),
    "Kubernetes": (
        "# K\n\nMicroservices\n\n```yaml\nkind: Deployment\nmetadata:\n  name: auth-service\n---\nkind: Deployment\nmetadata:\n  name: order-service\n```\n",
        ["auth-service", "order-service"],
    ),
    "mermaid": (
        "# M\n\nMicroservices architecture.\n\n```mermaid\nflowchart LR\n  C[Client] --> G[API Gateway]\n  G --> A[Auth Service]\n  G --> O[Order Service]\n  O --> D[(Postgres)]\n```\n",
        ["auth-service", "order-service"],
    ),
    "boxes": (
        "# A\n\nMicroservice architecture:\n\n```\n┌──────────────┐  ┌───────────────┐\n│ Auth Service │  │ Order Service │\n└──────────────┘  └───────────────┘\n```\n",
        ["auth-service", "order-service"],
    ),
    "Portuguese": (
        "# Vida\n\n## 🧩 Microsserviços\n\nO sistema é composto pelos seguintes microsserviços:\n\n| Serviço | Descrição | Porta |\n|---|---|---|\n| **Paciente** | Cadastro | 5001 |\n| **Agenda** | Horas | 5002 |\n",
        ["paciente", "agenda"],
    ),
    "Portuguese with infrastructure": (
        "# D\n\nA aplicação é composta pelos seguintes microsserviços:\n\n- **Server** : Faz a descoberta\n- **Gateway** : porta\n- **Clients**: Gerencia o cadastro\n- **Orders**: Gerencia pedidos\n",
        ["clients", "orders"],
    ),
    "Spanish": (
        "# W\n\n## Arquitectura del sistema\n\nLos siguientes microservicios:\n\n| Servicio | Puerto | Descripción |\n|---|---|---|\n| `discovery-server` | 8761 | Eureka |\n| `gateway-service` | 8080 | API Gateway |\n| `aves-service` | 8081 | aves |\n| `zonas-service` | 8082 | zonas |\n",
        ["aves-service", "zonas-service"],
    ),
    "French": (
        "# Fr\n\nArchitecture microservices.\n\n## Microservices\n\n- **Service Utilisateurs** : comptes\n- **Service Commandes** : commandes\n",
        ["service-utilisateurs", "service-commandes"],
    ),
    "German": (
        "# T\n\nDas System besteht aus drei Diensten: Benutzerdienst, Bestelldienst und Zahlungsdienst.\n",
        ["benutzerdienst", "bestelldienst", "zahlungsdienst"],
    ),
    "Vietnamese": (
        "# V\n\nKiến trúc microservices.\n\n## Các dịch vụ\n\n| Dịch vụ | Chức năng |\n|---|---|\n| User Service | quản lý |\n| Order Service | đơn |\n",
        ["user-service", "order-service"],
    ),
    "Chinese": (
        "# 商城\n\n## 微服务架构\n\n| 服务名称 | 端口 | 职责 |\n|---|---|---|\n| 网关服务 | 8080 | 路由 |\n| 用户服务 (user-service) | 8081 | 用户 |\n| 订单服务 | 8082 | 订单 |\n",
        ["user-service", "order-service"],
    ),
    "Japanese": (
        "# ショップ\n\n## マイクロサービス構成\n\n- **ユーザーサービス**: 会員\n- **注文サービス**: 注文\n- **決済サービス**: 決済\n",
        ["user-service", "order-service", "payment-service"],
    ),
    "Korean": (
        "# 배달\n\n## 마이크로서비스 구성\n\n| 서비스 | 설명 |\n|---|---|\n| 주문 서비스 | 주문 |\n| 결제 서비스 | 결제 |\n",
        ["order-service", "payment-service"],
    ),
    "Russian": (
        "# М\n\nМикросервисная архитектура.\n\n## Микросервисы\n\n1. **Сервис пользователей** — учет\n2. **Сервис заказов** — заказы\n",
        ["user-service", "order-service"],
    ),
    "back end and worker of a deployment": (
        "# T\n\n## High-Level Architecture\n\n- **Web App** (React)\n- **API Server** (FastAPI)\n- **Worker** (Celery)\n- **Database** (Postgres)\n",
        ["api-server", "worker"],
    ),
    "parts in a table": (
        "# T\n\n## System components\n\n| Component | Technology | Purpose |\n|---|---|---|\n| Frontend | Next.js | UI |\n| Backend | FastAPI | API |\n| Telegram Bot | aiogram | chat |\n| Database | Postgres | data |\n",
        ["backend", "telegram-bot"],
    ),
    "layers": (
        "# T\n\n## Architektur\n\n- **UI-Layer** – React\n- **Desktop-Layer** – Electron\n- **Backend-Layer** – Spring Boot\n- **Service-Layer** – Java\n- **PDF-Service** – Rechnungen\n",
        ["backend-layer"],
    ),
    "a stack": ("# T\n\n## Tech stack\n\nFrontend: React\nBackend: Express\nDatabase: MySQL\n", ["backend"]),
}
NONE = {
    "modular monolith": "# T\n\nModular monolith with NestJS.\n\n## Services\n\n- **AuthService**: x\n- **OrderService**: y\n- **MailService**: z\n",
    "features": "# T\n\n## Features\n\n### Notification Service\n\nSends mails.\n\n### Payment Service\n\nTakes money.\n\n### Users\n\nx\n",
    "what a salon offers": "# Salon\n\n## Our services\n\n- Haircut\n- Massage\n- Spa service\n",
    "prices": "# Salon\n\n## Services\n\n| Service | Price | Duration |\n|---|---|---|\n| Haircut | 20 | 30 |\n| Massage | 50 | 60 |\n",
    "things that are bought": "# T\n\n## Tech Stack\n\n| Service | Purpose | Free tier |\n|---|---|---|\n| Supabase | db | yes |\n| Resend | mail | yes |\n| Uploadthing | files | yes |\n",
    "external services": "# T\n\n## External Services\n\n- **Stripe**: pay\n- **Geo Service**: maps\n- **Weather Service**: rain\n",
    "perhaps later": "# T\n\n## Outlook\n\nLater we may split it into microservices.\n\n## Modules\n\n- Auth\n- Orders\n",
    "files of one program": "# T\n\n```\nsrc/\n  services/\n    auth.service.ts\n    order.service.ts\n  controllers/\n```\n",
    "layers without a back end": "# T\n\n## Architecture\n\n- **Presentation Layer**: React\n- **Service Layer**: business logic\n- **Data Layer**: Postgres\n",
    "ready for them": "# T\n\nThe backend is designed to be microservices-ready but starts as a monolith.\n\n## Modules\n\n1. User Service\n2. Order Service\n",
    "modules": "# T\n\n## Core Modules\n\n### 1. User Management\n\nx\n\n### 2. Booking Service\n\ny\n\n### 3. Payment\n\nz\n",
    "classes": "# T\n\n```\nclass UserService:\n    pass\nclass OrderService:\n    pass\n```\n\nUserService calls OrderService.\n",
    "a table of classes": "# T\n\n## Service Classes\n\n| Service | Responsibility |\n|---|---|\n| AuthService | login |\n| CartService | cart |\n",
    "availability": "# T\n\n## Service Level Agreement\n\n| Service | Availability |\n|---|---|\n| API | 99.9 |\n| Web | 99 |\n",
    "refused": "# T\n\nNo microservices: a single FastAPI backend.\n\n## Services\n\n- **User Service**: x\n- **Order Service**: y\n",
    "competitors": "# T\n\n## Competitors\n\n| Service | Strength |\n|---|---|\n| Uber | x |\n| Lyft | y |\n",
    "integrations": "# T\n\n## API Integrations\n\n| Service | Use |\n|---|---|\n| OpenAI | text |\n| Deepgram | speech |\n",
    "costs": "# T\n\n## Estimated Costs\n\n| Service | Monthly |\n|---|---|\n| Vercel | 20 |\n| Domain | 1 |\n",
    "Chinese monolith": "# 系统\n\n单体架构。\n\n## 服务\n\n- 用户服务\n- 订单服务\n",
    "an entity called service": "# T\n\n## Services\n\nProviders list services.\n\n### Create service\n\nx\n\n### Edit service\n\ny\n",
    "excluded": "# T\n\n## Out of scope\n\n### Microservices\n\n- auth-service\n- order-service\n",
    "title only": "# Microservices Shop\n\n## Goals\n\nx\n\n## Users\n\ny\n\n## Ideas\n\nz\n",
}


@pytest.mark.parametrize(("text", "names"), NAMED.values(), ids=NAMED)
def test_services_are_those_of_the_text(facts, text, names):
    """Deployables are read under the text's names, in its order; what stands beside them is left out."""
    assert [s.name for s in facts(text).services] == names


@pytest.mark.parametrize("text", NONE.values(), ids=NONE)
def test_no_service_is_invented(facts, text):
    """Modules, classes, features, products and things that a company offers are no services."""
    assert [s.name for s in facts(text).services] == []


def test_lists_that_disagree_are_reported_and_the_words_count(facts):
    """The table counts; what the folder tree omits and calls otherwise is a contradiction with the lines of both."""
    found = facts(
        """\
        # Shop

        Microservices.

        | Service | Does |
        |---|---|
        | auth-service | tokens |
        | order-service | orders |
        | admin-service | back office |

        ```
        shop/
        ├── authentication-service/
        └── order-service/
        ```
        """
    )
    assert [s.name for s in found.services] == ["auth-service", "order-service", "admin-service"]
    assert [s.aliases for s in found.services] == [("authentication-service",), (), ()]
    texts = {c.text: c.lines for c in found.contradictions}
    assert texts["auth-service (line 7) is called authentication-service elsewhere (line 13); it is auth-service"] == (
        7,
        13,
    )
    assert texts["admin-service: in the table of services, not in the folder tree; the table of services decides"] == (
        9,
        13,
    )


def test_another_name_of_a_service_finds_it(facts):
    """Sections under the other name of a service belong to it."""
    found = facts(
        """\
        # Shop

        Microservices.

        | Service | Does |
        |---|---|
        | auth-service | tokens |
        | order-service | orders |

        ```
        shop/
        ├── authentication-service/
        └── order-service/
        ```

        ## Authentication Service

        - `POST /login`

        ## Order Service

        - `POST /orders`
        """
    )
    assert {e.path: e.service for e in found.endpoints} == {"/login": "auth-service", "/orders": "order-service"}


def test_a_longer_list_in_words_wins(facts):
    """A list that contains the first one and more is the better one."""
    found = facts(
        """\
        # Shop

        Microservices.

        | Service | Port |
        |---|---|
        | auth-service | 1001 |
        | order-service | 1002 |

        ## Microservices

        - **auth-service**: tokens
        - **order-service**: orders
        - **mail-service**: mails
        """
    )
    assert [s.name for s in found.services] == ["auth-service", "order-service", "mail-service"]


def test_a_table_by_service_is_no_error(facts):
    """Rows that repeat services tell about them; only a list that names one twice is the author's mistake."""
    found = facts(
        """\
        # Shop

        Microservices.

        | Service | Task |
        |---|---|
        | auth-service | sign in |
        | auth-service | sign out |
        | order-service | order |
        | order-service | cancel |
        """
    )
    assert [s.name for s in found.services] == ["auth-service", "order-service"]


def test_microservices_without_names_are_one_service_and_a_question(architect):
    """A small text that asks for microservices and names none is one service, and the author is asked."""
    result = architect(
        "# Kiosk\n\nMicroservices architecture.\n\n## Data model\n\n### Paper\n\n- title: string\n- price: money\n"
    )
    assert [s.name for s in result.services] == ["kiosk"]
    assert any("The text asks for microservices (line 3) and names none" in q for q in result.questions)
