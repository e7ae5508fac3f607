# ruff: noqa: RUF001, E501 - authors write in many scripts
"""Tests of the evidence for inferred entities: what counts as a mention, a title or an act, and what does not."""

from __future__ import annotations

import pytest

from pytest_superteam.architect.behaviour.roles import auth_line, speaks_of_sign_in
from pytest_superteam.architect.builtin import read_facts
from pytest_superteam.architect.document.sections import read_document
from pytest_superteam.architect.model.inference import infer


def names(text: str) -> set[str]:
    """Return the names of what a text implies."""
    return {c.name for c in infer(read_document(text))}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("# Tienda\n\n## Funciones\n\n- Todos los clientes ven todo. El panel muestra todo para todos, en todo momento, con todo detalle.\n", "Task"),
        ("# Oficina\n\n## Regras\n\n- **Regra de negócio**: o preço não muda.\n- **Regra de negócio**: o estoque não fica negativo.\n- **Regra de negócio**: vale para todos.\n", "Deal"),
        ("# Panel\n\n## Funciones\n\n- El usuario activo ve el curso activo. Solo los usuarios activos, el menú activo y el filtro activo se muestran.\n", "Asset"),
        ("# Atelier\n\n## Fonctions\n\n- Le suivi en cours est affiché. Les travaux en cours, les envois en cours et les calculs en cours sont dans la liste.\n", "Course"),
        ("# Bot\n\n## Chức năng\n\n- Theo thời gian thực, tại thời điểm đó. Ưu điểm và nhược điểm, quan điểm và đặc điểm của hệ thống.\n", "Grade"),
        ("# Werkzeug\n\n## Funktionen\n\n- An jedem Tag läuft der Import. Pro Tag ein Lauf, jeden Tag um acht, am Tag danach wieder, den ganzen Tag.\n", "Tag"),
    ],
)  # fmt: skip
def test_homographs_of_other_languages_are_no_entities(text: str, name: str) -> None:
    """A word that mostly means something else in its language is no entity for being said often."""
    assert name not in names(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("# Equipo\n\n## Funciones\n\n### Gestión de tareas\n- Crear una tarea, editar tareas y eliminar tareas.\n", "Task"),
        ("# École\n\n## Fonctions\n\n### Gestion des cours\n- Créer un cours, modifier les cours et supprimer un cours.\n", "Course"),
        ("# Events\n\n## Features\n\n### Event management\n- Organizers create an event, edit events and delete events.\n", "Event"),
        ("# Notes\n\n## Features\n\n- Create a note, edit notes, delete a note.\n", "Note"),
        ("# 项目工具\n\n## 功能\n\n### 项目管理\n- 创建项目、编辑项目、删除项目\n", "Project"),
        ("# Aktenschrank\n\n## Funktionen\n\n### Dokumente verwalten\n- Ein Dokument erstellen, Dokumente bearbeiten und die Dokumente löschen.\n", "Document"),
    ],
)  # fmt: skip
def test_homographs_are_entities_when_something_is_done_with_them(text: str, name: str) -> None:
    """The same words are entities where users make and manage them."""
    assert name in names(text)


@pytest.mark.parametrize(
    "line",
    [
        "- Task 1: build it\n- Task 2: test it\n- Task 3: ship it\n- Task 4: done",
        "- **Note**: this matters\n- **Note**: that too\n- Note: mind the gap",
        "- The domain event goes to the event bus; the event loop and event sourcing are event driven",
        "- A load balancer and load testing keep the page load low under high load",
        "- Our team talks to the company, the team and the company agree, the team signs, the company pays",
    ],
)
def test_labels_and_words_of_the_trade_are_no_entities(line: str) -> None:
    """A numbered label, a remark, terms of software and those who write the text are not kept."""
    assert not names(f"# Tool\n\n## Features\n\n{line}\n") & {"Task", "Note", "Event", "Load", "Team", "Company"}


@pytest.mark.parametrize(
    ("text", "present", "absent"),
    [
        ("- Add products and edit product details\n- View product details, delete products\n", "Product", "ProductDetail"),
        ("- Create orders; the order list shows orders; manage the order list\n", "Order", "OrderList"),
        ("- Create a property, edit properties, delete a property\n- Manage property listings, add a property listing\n", "Property", "PropertyListing"),
        ("- Create a shopping list, edit shopping lists, delete a shopping list\n", "ShoppingList", "Shopping"),
        ("- Create a lesson plan, edit lesson plans, manage lesson plans\n", "LessonPlan", "Plan"),
    ],
)  # fmt: skip
def test_views_of_an_entity_are_that_entity(text: str, present: str, absent: str) -> None:
    """Details, lists and listings of a noun are the noun; a head of its own meaning makes a compound."""
    found = names(f"# App\n\n## Features\n\n{text}")
    assert present in found
    assert absent not in found


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("- Users set financial goals and track goals\n", "Goal"),
        ("- Categorize expenses\n- Expenses are filtered by category; edit a category\n", "Category"),
        ("- Quản lý sân: thêm sân, sửa sân, xóa sân\n- Người dùng được đặt sân\n", "Court"),
        ("- IC卡管理：新增IC卡，删除IC卡\n", "IcCard"),
        ("- Drivers upload a proof of delivery\n- Manage proofs of delivery; view the proof of delivery\n", "ProofOfDelivery"),
        ("- Shippers post freight loads\n- View loads, accept loads, manage loads\n", "Load"),
        ("- Customers reserve; a reservation can be changed; delete a reservation\n", "Reservation"),
    ],
)  # fmt: skip
def test_acts_leave_entities(text: str, name: str) -> None:
    """What users set, categorize, upload, post or reserve is kept, in scripts of one language or of two."""
    assert name in names(f"# App\n\n## Features\n\n{text}")


@pytest.mark.parametrize(
    "text",
    [
        "- The gateway allows users to send a payment request",
        "- No user accounts required: a link is enough for everybody",
        "- It cannot serve multiple users",
        "- Permissions of the file decide; no authentication required",
        "- An IAM role lets the job write; the service account reads",
        "- Kein Login nötig, ohne Registrierung",
        "- Sin cuentas ni registro",
    ],
)
def test_texts_without_accounts(text: str) -> None:
    """That somebody is called a user, that roles are those of a cloud, or that nobody signs in, makes no accounts."""
    assert auth_line(read_document(f"# Tool\n\n## Features\n\n{text}\n")) == 0


@pytest.mark.parametrize(
    "text",
    [
        "- Users register and log in",
        "- Only an admin role may delete",
        "- Users add a film\n- Users rate a film\n- Users share a film",
        "- Người dùng đăng nhập bằng email",
        "- Kullanıcı şifre ile giriş yapar",
        "- Der Benutzer meldet sich mit Passwort an",
        "- 用户登录后查看订单",
        "- No authentication for reading; users log in to write, with a password",
    ],
)
def test_texts_with_accounts(text: str) -> None:
    """Words for signing in, for accounts and for roles, or users on many lines, make accounts."""
    assert auth_line(read_document(f"# App\n\n## Features\n\n{text}\n")) >= 5


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("PostgreSQL: users, sessions", {"Session"}),
        ("- **Database (PostgreSQL)**: rooms, bookings and guests", {"Room", "Booking"}),
        ("- MongoDB collections: `orders`, `parcels`, `depots`", {"Order", "Parcel", "Depot"}),
        ("Tables: hives, inspections", {"Hive", "Inspection"}),
        ("- PostgreSQL: fast, reliable, transactions", set()),
        ("- Database: managed by the cloud, backups, logs", set()),
        ("- Redis: sessions, queues", set()),
        ("- MySQL: chosen for its joins", set()),
    ],
)
def test_what_a_database_keeps(line: str, expected: set[str]) -> None:
    """A database followed by plurals names what it keeps; its merits, and what a cache holds, are nothing kept."""
    found = names(f"# App\n\n## Architecture\n\n{line}\n")
    assert found >= expected
    assert expected or not found


@pytest.mark.parametrize(
    ("line", "stores"),
    [
        ("- Horizontal scaling with stateless app servers", True),
        ("- Stateless app instances behind a proxy", True),
        ("- It is a static site", False),
        ("- There is no database.", False),
        ("- A stateless app, all in the browser", False),
    ],
)
def test_what_keeps_nothing_has_no_entities(line: str, stores: bool) -> None:  # noqa: FBT001 - a column of the table
    """A site that keeps nothing has no inferred entities; servers without state may well have a database."""
    text = f"# App\n\n## Features\n\n- Create a product, edit products, delete products.\n{line}\n"
    assert ("Product" in {e.name for e in read_facts(read_document(text)).entities}) is stores


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("# Kino\n\n## Funkcje\n\nTo jest opis dla osób, i nie jest to lista z planu.\n\n- Zarządzanie turniejami: dodawanie turnieju, edycja turnieju i usuwanie turniejów.\n", "Tournament"),
        ("# Liga\n\n## Funkcje\n\nTo jest opis dla osób, i nie jest to lista z planu.\n\n- Użytkownik może dodać mecz. Edycja meczu i usuwanie meczów należą do organizatora.\n", "Match"),
        ("# Liga\n\n## Funkcje\n\nTo jest opis dla osób, i nie jest to lista z planu.\n\n- Gracz może postawić zakład, zmienić zakład, anulowanie zakładów jest możliwe.\n", "Bet"),
        ("# Zähler\n\n## Funktionen\n\n- Ein Lager anlegen, ein Lager bearbeiten, ein Lager löschen.\n", "Warehouse"),
        ("# Medidor\n\n## Funções\n\n- Registrar leituras do medidor, editar uma leitura e excluir leituras.\n", "Reading"),
        ("# Shop\n\n## Features\n\n- Add a product, edit products, delete products.\n", "Product"),
    ],
)  # fmt: skip
def test_inflected_nouns_are_entities(text: str, name: str) -> None:
    """The cases and plurals of a noun count together where something is done with it."""
    assert name in names(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("# Feier\n\n## Funktionen\n\n- Gäste sind in der Lage zu antworten. Alle sind in der Lage zu lesen, wir in der Lage zu schreiben, die Lage ist gut, nach Lage.\n", "Warehouse"),
        ("# Feier\n\n## Funktionen\n\n**Meilenstein:** 2 - Basis\n\n**Meilenstein:** 3 - Mehr\n\n**Meilenstein:** 4 - Rest\n\n**Meilenstein:** 5 - Ende\n", "Milestone"),
        ("# App\n\n## Features\n\n- The product must feel real. Build the product well, manage the product team, launch the product and update the product.\n", "Product"),
        ("# Réseau\n\n## Fonctions\n\n- Le score est calculé. Le score est affiché, le score est trié, le score est filtré, le score est noté.\n", "Score"),
        ("# Red\n\n## Funciones\n\n- El servicio responde. El servicio falla, el servicio vuelve, el servicio cae y el servicio sigue.\n", "Service"),
    ],
)  # fmt: skip
def test_figures_of_speech_are_no_entities(text: str, name: str) -> None:
    """What the text calls itself, its plan or an amount is nothing that is kept."""
    assert name not in names(text)


@pytest.mark.parametrize(
    "line",
    [
        "- Użytkownik loguje się; rejestracja i logowanie są wymagane",
        "- L'inscription et la connexion se font par email",
        "- Anmeldung mit Passwort",
        "- Registrazione con email",
    ],
)
def test_signing_in_is_read_in_other_languages(line: str) -> None:
    """A text whose users sign in describes a backend in any language."""
    assert speaks_of_sign_in(read_document(f"# App\n\n## Features\n\n{line}\n"))


def test_a_text_of_people_has_the_best_of_its_weak_nouns() -> None:
    """Where people do something with a noun, once, it is taken; where nobody is spoken of it is not."""
    rest = "The text goes on on and on about nothing for a while. " * 150
    people = "Users meet. Users talk. Users come back.\n\nWe look at groups: add a group."
    assert names(f"# App\n\n## Features\n\n{people}\n\n{rest}\n") == {"Group"}
    assert not names(f"# Tool\n\n## Features\n\nWe look at groups: add a group.\n\n{rest}\n")
