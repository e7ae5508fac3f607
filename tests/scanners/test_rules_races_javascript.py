"""ADV-006 in JavaScript and TypeScript: what is written behind an `await` with what was read or checked before it."""

from __future__ import annotations

import pytest

SHARED = [
    "let total = 0;\nasync function f() {\n  total += await price();  //! ADV-006\n}",
    "let total = 0;\nasync function f() {\n  total = total + (await price());  //! ADV-006\n}",
    (
        "let balance = 10;\nasync function f(n) {\n  const now = balance;\n  await audit();\n"
        "  balance = now - n;  //! ADV-006\n}"
    ),
    (
        "let balance = 10;\nasync function f(n) {\n  if (balance >= n) {\n    await pay(n);\n"
        "    balance -= n;  //! ADV-006\n  }\n}"
    ),
    (
        "let balance = 10;\nasync function f(n) {\n  if (balance < n) throw new Bad();\n"
        "  await pay(n);\n  balance = balance - n;  //! ADV-006\n}"
    ),
    (
        "const seats = new Set();\nasync function f(s) {\n  if (!seats.has(s)) {\n"
        "    await pay(s);\n    seats.add(s);  //! ADV-006\n  }\n}"
    ),
    (
        "const seats = {};\nasync function f(s, u) {\n  if (seats[s]) return null;\n"
        "  await pay(s);\n  seats[s] = u;  //! ADV-006\n}"
    ),
    (
        "const stock = { a: 1 };\napp.post('/x', async (req, res) => {\n"
        "  if (stock[req.body.id] > 0) {\n    await pay();\n"
        "    stock[req.body.id]--;  //! ADV-006\n  }\n});"
    ),
    (
        "class S {\n  left = 5;\n  async f() {\n    if (this.left > 0) {\n      await pay();\n"
        "      this.left -= 1;  //! ADV-006\n    }\n  }\n}"
    ),
    (
        "class S {\n  n = 0;\n  async f() {\n    const n = this.n;\n    await save();\n"
        "    this.n = n + 1;  //! ADV-006\n  }\n}"
    ),
    "let busy = false;\nasync function f() {\n  if (busy) return;\n  await g();\n  busy = true;  //! ADV-006\n}",
    # near misses
    "let hits = 0;\napp.get('/x', (req, res) => {\n  hits++;\n  res.json({ hits });\n});",
    "let hits = 0;\nasync function f() {\n  await save();\n  hits += 1;\n}",
    "let busy = false;\nasync function f() {\n  if (busy) return;\n  busy = true;\n  await g();\n  busy = false;\n}",
    (
        "const cache = {};\nasync function f(k) {\n  if (!cache[k]) {\n"
        "    cache[k] = await load(k);\n  }\n  return cache[k];\n}"
    ),
    (
        "const users = new Map();\nasync function f(k) {\n"
        "  if (users.has(k)) return users.get(k);\n  const u = await load(k);\n"
        "  users.set(k, u);\n  return u;\n}"
    ),
    "let client;\nasync function f() {\n  if (!client) {\n    client = await connect();\n  }\n  return client;\n}",
    "let db = null;\nasync function f() {\n  if (!db) db = await open();\n  return db;\n}",
    (
        "async function f() {\n  let total = 0;\n  for (const x of y) {\n"
        "    total += await price(x);\n  }\n  return total;\n}"
    ),
    "let balance = 10;\nasync function f(n) {\n  await pay(n);\n  if (balance >= n) {\n    balance -= n;\n  }\n}",
    (
        "let balance = 10;\nasync function f(n) {\n  await mutex.runExclusive(async () => {\n"
        "    if (balance >= n) {\n      await pay(n);\n      balance -= n;\n    }\n  });\n}"
    ),
    (
        "let balance = 10;\nasync function f(n) {\n  const release = await lock.acquire();\n"
        "  if (balance >= n) {\n    await pay(n);\n    balance -= n;\n  }\n  release();\n}"
    ),
    "// total += await price();\nconst s = 'total += await price()';",
]


@pytest.mark.parametrize("path", ["app.js", "app.ts"])
@pytest.mark.parametrize("text", SHARED)
def test_shared_state(samples, text, path):
    """ADV-006 finds shared state that is written behind an await with what was read before it."""
    samples.check(text, "ADV-006", path=path)


ROWS = [
    (
        "async function f(id) {\n  const item = await Item.findById(id);\n"
        "  item.stock -= 1;  //! ADV-006\n  await item.save();\n}"
    ),
    (
        "async function f(id) {\n  const item = await Item.findOne({ id });\n"
        "  item.stock++;  //! ADV-006\n  await item.save();\n}"
    ),
    (
        "async function f(id, n) {\n  const item = await Item.findByPk(id);\n"
        "  item.stock = item.stock - n;  //! ADV-006\n  await item.save();\n}"
    ),
    (
        "async function f(id, n) {\n  const user = await this.repo.findOneBy({ id });\n"
        "  user.balance -= n;  //! ADV-006\n  await this.repo.save(user);\n}"
    ),
    (
        "async function f(id) {\n  const todo = await Todo.findById(id);\n"
        "  todo.done = !todo.done;  //! ADV-006\n  await todo.save();\n}"
    ),
    "schema.methods.bump = async function () {\n  this.views += 1;  //! ADV-006\n  return this.save();\n};",
    (
        "async function f(id) {\n"
        "  const p = await prisma.product.findUnique({ where: { id } });\n"
        "  await prisma.product.update({ where: { id }, data: { stock: p.stock - 1 } });  "
        "//! ADV-006\n}"
    ),
    (
        "async function f(id) {\n"
        "  const p = await prisma.product.findUnique({ where: { id } });\n"
        "  const stock = p.stock - 1;\n"
        "  await prisma.product.update({ where: { id }, data: { stock } });  //! ADV-006\n}"
    ),
    (
        "async function f(id) {\n  const d = await Item.findById(id);\n"
        "  await Item.findByIdAndUpdate(id, { views: d.views + 1 });  //! ADV-006\n}"
    ),
    (
        "async function f(id) {\n  const d = await items.findOne({ _id: id });\n"
        "  await items.updateOne({ _id: id }, { $set: { n: d.n + 1 } });  //! ADV-006\n}"
    ),
    (
        "async function f(id) {\n  const row = await Item.findByPk(id);\n"
        "  await row.update({ stock: row.stock - 1 });  //! ADV-006\n}"
    ),
    (
        "async function f(id, n) {\n"
        "  const { rows } = await pool.query('SELECT balance FROM a WHERE id = $1', [id]);\n"
        "  await pool.query('UPDATE a SET balance = $1 WHERE id = $2', [rows[0].balance - n, "
        "id]);  //! ADV-006\n}"
    ),
    (
        "async function f(id) {\n  const row = await knex('items').where({ id }).first();\n"
        "  await knex('items').where({ id }).update({ n: row.n + 1 });  //! ADV-006\n}"
    ),
    (
        "async function f(id) {\n"
        "  const [row] = await db.select().from(items).where(eq(items.id, id));\n"
        "  await db.update(items).set({ n: row.n + 1 }).where(eq(items.id, id));  //! "
        "ADV-006\n}"
    ),
    "async function f(k) {\n  const n = await redis.get(k);\n  await redis.set(k, Number(n) + 1);  //! ADV-006\n}",
    (
        "async function f(k) {\n  const n = parseInt(await redis.get(k), 10) + 1;\n"
        "  await redis.set(k, n);  //! ADV-006\n}"
    ),
    (
        "async function f(k) {\n  if (await redis.get(k)) return false;\n"
        "  await redis.set(k, '1');  //! ADV-006\n  return true;\n}"
    ),
    # near misses
    "async function f(id) {\n  await Item.updateOne({ _id: id }, { $inc: { stock: -1 } });\n}",
    "async function f(id) {\n  const item = await Item.findById(id);\n  item.name = 'x';\n  await item.save();\n}",
    (
        "async function f(id) {\n  const item = await Item.findById(id);\n"
        "  item.total = item.price * 2;\n  return item;\n}"
    ),
    "async function f() {\n  const item = new Item();\n  item.stock += 1;\n  await item.save();\n}",
    "async function f(id) {\n  const item = await Item.findByPk(id);\n  await item.increment('stock', { by: 1 });\n}",
    "async function f(id) {\n  await prisma.product.update({ where: { id }, data: { stock: { decrement: 1 } } });\n}",
    (
        "async function f(id) {\n"
        "  const p = await prisma.product.findUnique({ where: { id } });\n"
        "  await prisma.product.update({ where: { id }, data: { name: p.name.trim() } });\n}"
    ),
    (
        "async function f(id) {\n  await prisma.$transaction(async (tx) => {\n"
        "    const p = await tx.product.findUnique({ where: { id } });\n"
        "    await tx.product.update({ where: { id }, data: { stock: p.stock - 1 } });\n  });\n}"
    ),
    (
        "async function f(id) {\n  await sequelize.transaction(async (t) => {\n"
        "    const item = await Item.findByPk(id, { transaction: t });\n"
        "    item.stock -= 1;\n    await item.save({ transaction: t });\n  });\n}"
    ),
    (
        "async function f(id) {\n"
        "  const item = await repo.findOne({ where: { id }, lock: { mode: "
        "'pessimistic_write' } });\n"
        "  item.stock -= 1;\n  await repo.save(item);\n}"
    ),
    (
        "async function f(id) {\n"
        "  const r = await prisma.item.findUnique({ where: { id } });\n"
        "  await prisma.item.updateMany({ where: { id, version: r.version }, data: { n: r.n "
        "+ 1, version: r.version + 1 } });\n}"
    ),
    (
        "const schema = new Schema({ n: Number }, { optimisticConcurrency: true });\n"
        "async function f(id) {\n  const d = await M.findById(id);\n  d.n += 1;\n"
        "  await d.save();\n}"
    ),
    "async function f(id, n) {\n  await pool.query('UPDATE a SET balance = balance - $1 WHERE id = $2', [n, id]);\n}",
    "async function f(k) {\n  await redis.incr(k);\n}",
    (
        "async function f(k) {\n  const hit = await redis.get(k);\n"
        "  if (hit) return JSON.parse(hit);\n  const v = await load(k);\n"
        "  await redis.set(k, JSON.stringify(v));\n  return v;\n}"
    ),
    "async function f(k) {\n  return redis.set(k, '1', 'NX', 'EX', 60);\n}",
    (
        "async function f(id) {\n  const page = await Item.find().skip(id - 1);\n"
        "  const next = id + 1;\n  return { page, next };\n}"
    ),
]


@pytest.mark.parametrize("path", ["app.js", "app.ts"])
@pytest.mark.parametrize("text", ROWS)
def test_rows(samples, text, path):
    """ADV-006 finds rows, documents and keys that are written with what was computed from an older read."""
    samples.check(text, "ADV-006", path=path)
