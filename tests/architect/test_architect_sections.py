# ruff: noqa: RUF001, E501 - titles in many scripts, as authors write them
"""Sections: what each heading is about, in sixteen languages, and headings that are not marked as such."""

from textwrap import dedent

import pytest

from pytest_superteam.architect.document.kinds import KINDS, kind_of
from pytest_superteam.architect.document.sections import read_document

TITLES = {
    "excluded": """Out of Scope|Out‑of‑scope|Non-Goals|Non‑Goals|What we won't build|What is NOT Built Yet|Not Included|Future Enhancements|Future|Future (v2)
        |Deferred|Exclusions|Hors périmètre|Hors scope (MVP)|Évolutions futures|Fuera de alcance|Mejoras futuras|Fora do escopo|Melhorias futuras|Nicht-Ziele
        |Nicht im Umfang|Abgrenzung|Spätere Erweiterungen|Fuori ambito|Sviluppi futuri|Buiten scope|Kapsam Dışı|Poza zakresem|Ngoài phạm vi
        |Hướng phát triển tương lai|Di luar cakupan|Tidak termasuk|不在范围内|非目标|暂不支持|未来规划|本期不做|不包含的功能|非目標|未來擴充|範圍外|対象外|スコープ外|やらないこと
        |将来の拡張|범위 외|제외 범위|향후 계획|Вне рамок проекта|Что не входит в MVP|Будущие улучшения""",
    "nonfunctional": """Non-Functional Requirements|NFRs|Performance|Performance & Scalability|Security|Exigences non fonctionnelles|Requisitos no funcionales
        |Requisitos não funcionais|Requisitos não-funcionais|Nichtfunktionale Anforderungen|Requisiti non funzionali|Niet-functionele eisen|Wymagania niefunkcjonalne
        |Fonksiyonel Olmayan Gereksinimler|Yêu cầu phi chức năng|Kebutuhan Non-Fungsional|非功能需求|非機能要件|비기능 요구사항|Нефункциональные требования""",
    "questions": "Open Questions|Open Issues|Questions ouvertes|Preguntas abiertas|Questões em aberto|Offene Fragen|Domande aperte|Câu hỏi mở|未決事項|待确认问题|미결 사항|Открытые вопросы",
    "glossary": "Glossary|Definitions|Terminology|Glossaire|Glosario|Glossário|Begriffe|用語|术语表|名詞解釋|용어 정의|Глоссарий",
    "risks": "Risks|Risks & Mitigations|Technical Risks|Risk Assessment|Risques|Riesgos|Riscos e mitigações|Risiken|Rischi|Rủi ro|风险与挑战|風險評估|リスク|위험 요소|Риски",
    "tests": "Testing Strategy|Test Plan|Testing|Plan de tests|Teststrategie|Kiểm thử|测试策略|測試計畫|テスト計画|테스트 계획|План тестирования",
    "metrics": "Success Metrics|KPIs|Success Criteria|Critères de succès|Métricas de éxito|Erfolgskriterien|Metriche di successo|成功指标|衡量指标（怎么算成功）|成功指標|성공 지표|Метрики успеха",
    "context": """Background|Problem Statement|Goals|Objectives|Competitive Analysis|Assumptions|Contexte|Objectifs du projet|Antecedentes|Objetivo|Contexto|Hintergrund
        |Ziele|Contesto|Bối cảnh|Mục tiêu|Latar Belakang|Tujuan|产品背景与目标|目标|竞品分析|背景|目的|배경|목표|Цели|Проблема""",
    "stack": "Tech Stack|Technology Stack|Technologies|Stack technique|Stack tecnológico|Tecnologias propostas|Technologie-Stack|技术栈|技術選型|技術スタック|기술 스택|Технологический стек",
    "plan": """Milestones|Roadmap|Phase 2: Growth|Timeline|Development Plan|Calendrier prévisionnel|Feuille de route|Hoja de ruta|Cronograma|Meilensteine|Zeitplan
        |Tabella di marcia|Yol Haritası|Harmonogram|Lộ trình|Jadwal|开发计划|第一阶段|里程碑总览|開發計畫|マイルストーン|開発計画|마일스톤|개발 일정|Дорожная карта|Этапы""",
    "states": "Order Status Flow|Order states|Ticket Lifecycle|State Machine|Statuts des tickets|Ciclo de vida|Estados del pedido|Trạng thái đơn hàng|订单状态|狀態轉換|状態遷移|상태 전이|Статусы заказа",
    "data": """Data Model|Database Schema|Entities|Core Entities|Domain Model|Data Requirements|MongoDB Collections & Indexes|Tables|Modèle de données|Base de données
        |Modelo de datos|Entidades|Modelo de Dados|Modelos de dados principais|Banco de Dados|Datenmodell|Datenbank|Modello dei dati|Entità|Gegevensmodel|Model danych
        |Veritabanı Şeması|Mô hình dữ liệu|Cơ sở dữ liệu|Model Data|Basis Data|数据模型|数据库设计|数据需求|核心实体|資料模型|資料庫|データモデル|データ要件|テーブル設計|데이터 모델|데이터베이스 요구사항|Модель данных|Сущности""",
    "events": "Events|Domain Events|Messaging|Événements|Eventos|Ereignisse|イベント一覧|事件列表|이벤트 목록|События",
    "api": "API|API Endpoints|REST API|Endpoints|Routes|API sugerida|Schnittstellen|Points d'entrée|接口设计|接口列表|エンドポイント一覧|API 명세|엔드포인트|Эндпоинты",
    "services": "Services|Microservices|Backend Services|Deployables|Service Decomposition|Microservicios|Mikroservices|Layanan Mikro|微服务|サービス一覧|마이크로서비스|Микросервисы",
    "roles": """User Roles|Personas|Actors|Permissions|Target Users|Access Control|Acteurs|Utilisateurs cibles|Roles y permisos|Público-alvo|Papéis|Benutzerrollen|Zielgruppe|Ruoli
        |Kullanıcı Rolleri|Uprawnienia|Vai trò|Peran Pengguna|用户角色|目标用户|權限|ユーザー種別|権限|사용자 역할|권한|Роли пользователей""",
    "ui": "UI/UX|Screens|Wireframes|Pages|Frontend|Écrans|Pantallas|Telas|Benutzeroberfläche|Giao diện|Antarmuka|界面设计|頁面|画面一覧|화면 구성|Экраны",
    "requirements": """Functional Requirements|Features|User Stories|Use Cases|Acceptance Criteria|Exigences|Fonctionnalités|Requisitos|Funcionalidades|Historias de usuario
        |Critérios de Aceitação (AC)|Anforderungen|Funktionen|Requisiti|Functionaliteiten|Wymagania|Özellikler|Yêu cầu|Tính năng|Chức năng MVP|Fitur|Kebutuhan|功能需求|验收标准|驗收標準
        |用例|機能要件|ユースケース|受け入れ条件|기능 요구사항|Функциональные требования|Функции""",
    "meta": "Table of Contents|Revision History|Document Control|Changelog|References|Sommaire|Inhaltsverzeichnis|目录|变更记录|目次|改訂履歴|목차|변경 이력|Содержание",
    "": """Exclusive offers|Exclusive content|Status page|Future of Payments|FutureFit|Future Skills Academy|Deferred payments|Backlog management|Wishlist|Doctor availability
        |Performance reviews|Goal tracking|Risk scoring|Test results|Test orders|State|Current State|User|Order|Orders & Payments|Request|Marketplace|API Gateway|Overview|Architecture
        |Service Desk|Booking|Contact management|In scope / Out of scope|Goals and Non-Goals|2) Goals and Non‑Goals|Shopping cart|订单|注文|주문|Заказ""",
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "title"), [(kind, title.strip()) for kind, titles in TITLES.items() for title in titles.split("|")]
)
def test_the_kind_of_a_title(kind, title):
    """A title says what its section is about in each language; a product's name says nothing."""
    assert kind_of(title) == kind


def test_every_kind_has_titles():
    """No kind is without its examples."""
    assert set(TITLES) == {*KINDS, ""}


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Excluded features", "excluded"),
        ("API risks", "risks"),
        ("Non-functional API requirements", "nonfunctional"),
        ("Data requirements", "data"),
        ("Data model: open questions", "questions"),
        ("Phase 2 features", "plan"),
        ("User roles and features", "roles"),
        ("Success criteria", "metrics"),
        ("Testing requirements", "tests"),
    ],
)
def test_precedence(title, kind):
    """Of two words, what forbids or accompanies wins over what is built, and the precise over the general."""
    assert kind_of(title) == kind


def kinds(text):
    """Return title, level and kind of each section."""
    return [(s.title, s.level, s.kind) for s in read_document(dedent(text)).sections if s.level]


def test_a_section_among_risks_is_a_risk():
    """Below risks, metrics, exclusions and the like a title does not begin anything to be built."""
    text = (
        "# T\n\n## Risks\n\n### API costs\n\n### Won't do\n\n## Out of scope\n\n### Data model\n\n## API\n\n### Users\n"
    )
    assert [k for _, _, k in kinds(text)[1:]] == ["risks", "risks", "excluded", "excluded", "excluded", "api", "api"]


def test_a_numbered_feature_is_a_requirement():
    """The title of a feature with an id names the feature, whatever it sounds like."""
    text = "# T\n\n## Features\n\n### F-09 Risks\n\n### FR-1.2: User roles\n\n### F3 API\n"
    assert [k for _, _, k in kinds(text)[2:]] == ["requirements", "requirements", "api"]


def test_numbers_decide_over_marks():
    """A section numbered 3.1 is below section 3 though both have the same mark."""
    text = "# T\n\n## 3. API\n\n## 3.1 Users\n\n### 3.1.1 Sign in\n\n## 4. Data model\n\n# 4.1 Order\n"
    assert kinds(text)[1:] == [
        ("API", 2, "api"),
        ("Users", 3, "api"),
        ("Sign in", 4, "api"),
        ("Data model", 2, "data"),
        ("Order", 3, "data"),
    ]


PLAIN = """\
    PRD: Kennel

    1. Overview
    A kennel keeps dogs.

    2. Features
    1. Book a stay
    2. Pay for it
    3. Cancel it

    2.1 Booking
    Owners book stays.

    3. Data model
    3.1 Dog
    name, weight

    4. Out of scope
    - Payments
    """


def test_numbered_lines_are_headings_where_no_other_are():
    """Numbers that go on through the text are those of sections; those that begin again are a list."""
    assert kinds(PLAIN) == [
        ("PRD: Kennel", 1, ""),
        ("Overview", 2, ""),
        ("Features", 2, "requirements"),
        ("Booking", 3, "requirements"),
        ("Data model", 2, "data"),
        ("Dog", 3, "data"),
        ("Out of scope", 2, "excluded"),
    ]
    items = [b.text for s in read_document(dedent(PLAIN)).sections for b in s.blocks if b.kind == "item"]
    assert items == ["Book a stay", "Pay for it", "Cancel it", "Payments"]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("OVERVIEW\nx\n\nDATA MODEL\ny\n\nOUT OF SCOPE\nz\n", ["OVERVIEW", "DATA MODEL", "OUT OF SCOPE"]),
        ("`I. Scope`\n1. x\n2. y\n\nII. API\nGET /x\n\nIII. Roles\nz\n", ["Scope", "API", "Roles"]),
        ("一、概述\nx\n\n二、功能需求\ny\n\n三、数据模型\nz\n", ["概述", "功能需求", "数据模型"]),
        ("【概要】\nx\n\n【機能要件】\ny\n\n【対象外】\nz\n", ["概要", "機能要件", "対象外"]),
        ("Shop\n\n🚀 Features\n- x\n\nData model:\n- y\n", ["Shop", "Features", "Data model"]),
    ],
)
def test_other_plain_headings(text, titles):
    """Capitals, Roman and Chinese numbers, brackets, pictures and labels mark headings where nothing else does."""
    found = [s.title.lstrip("一二三、") for s in read_document(text).sections if s.level]
    assert found == titles


@pytest.mark.parametrize(
    "text",
    [
        "# T\n\n## A\n\n1. One\n2. Two\n3. Three\n\n## B\n\nTEXT IN CAPITALS\n",
        "Customers order books.\n\n1. They search.\n2. They pay.\n3. They wait.\n",
        "Steps\n\n1. Open the shop\n\n2. Pay\n\n3. Leave\n",
        "```\n1. A\nx\n2. B\ny\n3. C\nz\n```\n",
    ],
)
def test_lists_are_no_headings(text):
    """Lists, sentences and code stay what they are."""
    marked = [line for line in text.splitlines() if line.startswith("#")]
    assert len([s for s in read_document(text).sections if s.level]) == len(marked)
