# ruff: noqa: E501 - tables of fragments
"""Tables in SQL: dialects, constraints of columns and tables, what other statements add."""

import pytest

TABLES = {
    "postgresql": (
        """
        CREATE TYPE order_status AS ENUM ('open', 'paid');
        CREATE TABLE IF NOT EXISTS public."orders" (
          order_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
          code VARCHAR(12) UNIQUE NOT NULL, -- printed on the bill
          status order_status NOT NULL DEFAULT 'open',
          total NUMERIC(10,2) NOT NULL CHECK (total >= 0),
          stars INT CHECK (stars BETWEEN 1 AND 5),
          labels TEXT[] NOT NULL,
          kind TEXT NOT NULL CHECK (kind IN ('gift', 'loan')),
          user_id UUID NOT NULL REFERENCES users(id) ON DELETE SET NULL,
          note TEXT
        );
        """,
        {
            "Order": (
                "id:uuid code:string![..12] status:enum(open|paid)=open total:money[0..] stars:integer?[1..5] labels:list "
                "kind:enum(gift|loan) user_id:reference->User note:text?"
            )
        },
    ),
    "mysql": (
        """
        CREATE TABLE `books` (
          `id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
          `state` enum('in','out') NOT NULL DEFAULT 'in' COMMENT 'where, now',
          `isbn` char(13) NOT NULL,
          `shelf_id` bigint NOT NULL,
          PRIMARY KEY (`id`),
          UNIQUE KEY `by_isbn` (`isbn`),
          KEY `by_shelf` (`shelf_id`),
          CONSTRAINT `fk` FOREIGN KEY (`shelf_id`) REFERENCES `shelves` (`id`) ON DELETE CASCADE
        ) ENGINE=InnoDB;
        """,
        {"Book": "id:uuid state:enum(in|out)=in isbn:string![..13] shelf_id:reference->Shelve"},
    ),
    "t-sql": (
        """
        CREATE TABLE [dbo].[OrderLines] (
          [Id] UNIQUEIDENTIFIER NOT NULL PRIMARY KEY,
          [Qty] INT NOT NULL DEFAULT 1,
          [Name] NVARCHAR(50) NULL,
          [OrderId] INT NOT NULL,
          [MadeOn] DATETIME2 NOT NULL,
          CONSTRAINT FK_o FOREIGN KEY (OrderId) REFERENCES dbo.Orders(Id),
          CONSTRAINT CK_q CHECK (Qty > 0)
        );
        """,
        {"OrderLine": "id:uuid qty:integer[1..]=1 name:string?[..50] order_id:reference->Order made_on:datetime"},
    ),
    "a join table with a composite key": (
        "CREATE TABLE user_roles (user_id INT REFERENCES users(id), role_id INT REFERENCES roles, PRIMARY KEY (user_id, role_id))",
        {"UserRole": "user_id:reference->User role_id:reference->Role"},
    ),
    "a key that is a reference": (
        "CREATE TABLE profiles (user_id INT PRIMARY KEY REFERENCES users(id), bio TEXT NOT NULL)",
        {"Profile": "user_id:reference!->User bio:text"},
    ),
    "a natural key": (
        "CREATE TABLE countries (code CHAR(2) PRIMARY KEY, name TEXT)",
        {"Country": "code:string![..2] name:text"},
    ),
    "what other statements say": (
        """
        DROP TABLE IF EXISTS jars;
        CREATE TABLE jars (id SERIAL PRIMARY KEY, lid_id INT NOT NULL, name TEXT NOT NULL, size INT NOT NULL);
        CREATE INDEX jars_by_size ON jars (size);
        CREATE UNIQUE INDEX ON jars (name);
        ALTER TABLE jars ADD CONSTRAINT fk_lid FOREIGN KEY (lid_id) REFERENCES lids (id);
        ALTER TABLE ONLY jars ADD COLUMN colour VARCHAR(9) NOT NULL;
        COMMENT ON COLUMN jars.size IS 'in litres';
        INSERT INTO jars VALUES (1, 2, 'CREATE', 3);
        """,
        {"Jar": "id:uuid lid_id:reference->Lid name:text! size:integer colour:string[..9]"},
    ),
    "columns that are called like constraints": (
        "CREATE TABLE settings (id INT, key VARCHAR(9) NOT NULL, index INT NOT NULL)",
        {"Setting": "id:uuid key:string[..9] index:integer"},
    ),
    "a string with a bracket and a comma": (
        "CREATE TABLE a_rows (id INT, t TEXT DEFAULT 'x),(y', n INT)",
        {"ARow": "id:uuid t:text=x),(y n:integer"},
    ),
    "a comment with an apostrophe": (
        "CREATE TABLE pots (id INT, -- the owner's, (own\n n INT /* it's ) */, m INT)",
        {"Pot": "id:uuid n:integer m:integer"},
    ),
    "a check of any": (
        "CREATE TABLE pots (id INT, s TEXT NOT NULL CHECK (s = ANY (ARRAY['a'::text, 'b'::text])))",
        {"Pot": "id:uuid s:enum(a|b)"},
    ),
    "no columns": ("CREATE TABLE x AS SELECT * FROM y;", {}),
    "no table": ("SELECT id, name FROM users WHERE (id = 1)", {}),
}


@pytest.mark.parametrize(("text", "found"), TABLES.values(), ids=TABLES)
def test_tables(models, text, found):
    """Each table that a text creates is an entity, its constraints those of the fields."""
    assert models(text, "sql") == found


@pytest.mark.parametrize("info", ["", "sql", "python", "text"])
def test_labels_do_not_matter(models, info):
    """SQL is read by what it says, whatever the fence is called and wherever it stands."""
    text = "CREATE TABLE jars (id INT, name TEXT)"
    assert models(text, info, in_data=False) == {"Jar": "id:uuid name:text"}


def test_bare_sql(facts):
    """A table that stands in the text without a fence is an entity."""
    entities = facts(
        "# Jars\n\n## Storage\n\nCREATE TABLE jars (\nid INT PRIMARY KEY,\nlid_size INT NOT NULL\n);\n"
    ).entities
    assert [(e.name, e.line, [f.field.name for f in e.fields]) for e in entities] == [("Jar", 5, ["id", "lid_size"])]


def test_lines(facts):
    """An entity and its fields have the lines that they stand on."""
    entity = facts("# Jars\n\n```sql\n-- a\nCREATE TABLE jars (\n  id INT,\n\n  name TEXT\n);\n```").entities[0]
    assert (entity.line, [f.field.source.line for f in entity.fields]) == (5, [6, 8])
